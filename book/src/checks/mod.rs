//! What must be true of the book.
//!
//! [`sources`] reads what was written, [`html`] what was rendered.

pub mod anchors;
pub mod blocks;
pub mod chapters;
pub mod commands;
pub mod form;
pub mod html;
pub mod own;
pub mod prose;

use anyhow::Result;

use crate::{Fault, Project, expand::Expanded, project::Page};

/// All that is wrong with the sources.
pub fn sources(project: &Project, pages: &[Page], expanded: &Expanded) -> Result<Vec<Fault>> {
    let mut faults = expanded.faults.clone();
    faults.extend(anchors::check(project, expanded));
    faults.extend(blocks::check(project, pages));
    faults.extend(chapters::check(project, pages)?);
    faults.extend(commands::check(project, pages)?);
    faults.extend(form::check(project, pages)?);
    faults.extend(own::check(project, pages));
    faults.extend(prose::check(pages));
    Ok(faults)
}
