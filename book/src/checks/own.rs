//! Links to the project's own files: the file is there, and what the link names is in it.

use crate::{
    Fault, Problem, Project, cite,
    markdown::{self, Parts},
    project::Page,
};

/// Looks up every link to a file of the repository. Where its text is a name in code, such as that
/// of a test, the file has to contain that name.
pub fn check(project: &Project, pages: &[Page]) -> Vec<Fault> {
    let config = project.config.html_config().unwrap_or_default();
    let Some(repository) = config.git_repository_url else { return Vec::new() };
    let start = format!("{}/blob/main/", repository.trim_end_matches('/'));
    let mut faults = Vec::new();
    for page in pages {
        for link in Parts::of(&page.text).links {
            let Some(path) = link.target.strip_prefix(&start) else { continue };
            let problem = match project.read(path.as_ref()) {
                Err(_) => {
                    Problem::new(format!("a link to `{path}`, which is not there"), "mend it")
                }
                Ok(text) => match name(&page.text[link.range.clone()]) {
                    Some(name) if !cite::has_word(&text, name) => {
                        Problem::new(format!("`{path}` has no `{name}`"), "look where it has gone")
                    }
                    _ => continue,
                },
            };
            faults.push(problem.at(&page.file, markdown::line_at(&page.text, link.range.start)));
        }
    }
    faults
}

/// The name in ``[`name`]…``.
fn name(link: &str) -> Option<&str> {
    let name = link.strip_prefix("[`")?.split('`').next()?;
    name.chars().all(|it| it.is_alphanumeric() || it == '_').then_some(name)
}
