//! Files as modules of Rust, in one text or in a file each.

use std::path::PathBuf;

use crate::{
    file,
    layout::Layout,
    text::{Writer, sorted_as},
};

/// The tree of modules.
pub(crate) struct Modules<'a>(pub(crate) &'a Layout);

impl Modules<'_> {
    /// All of them, one inside the other.
    pub(crate) fn text(&self) -> String {
        let mut writer = Writer::new(0);
        self.write(&[], true, &mut writer);
        ended(&writer.into_text())
    }

    /// The path and the text of each.
    pub(crate) fn files(&self) -> Vec<(PathBuf, String)> {
        let mut modules: Vec<&[String]> = vec![&[]];
        for home in &self.0.homes {
            modules.extend((1..=home.module.len()).map(|depth| &home.module[..depth]));
        }
        modules.sort();
        modules.dedup();
        let file = |module| {
            let mut writer = Writer::new(0);
            self.write(module, false, &mut writer);
            (path(module), ended(&writer.into_text()))
        };
        modules.into_iter().map(file).collect()
    }

    /// What stands in a module; those below it too where `is_whole`.
    fn write(&self, module: &[String], is_whole: bool, writer: &mut Writer) {
        let homes = &self.0.homes;
        let own = homes.iter().position(|it| it.module == module);
        let own = own.map(|index| file::text(self.0, index, writer.indent()));
        if own.as_ref().is_some_and(|own| own.has_deprecated_types) {
            writer.line("#![allow(deprecated)]");
            writer.gap();
        }
        let inner = self.inner(module);
        if !is_whole {
            inner.iter().for_each(|it| writer.line(&format!("{};", self.declaration(it))));
            writer.gap();
        }
        let has_items =
            |inner: &[String]| homes.iter().any(|it| it.module == inner && !it.idents.is_empty());
        let parts = inner.iter().filter(|it| self.is_a_part(it) && has_items(it));
        let mut parts: Vec<_> = parts.map(|it| &it[module.len()]).collect();
        parts.sort_by_key(|name| sorted_as(name));
        parts.iter().for_each(|name| writer.line(&format!("pub use self::{name}::*;")));
        writer.gap();
        writer.lines(&own.map(|own| own.text).unwrap_or_default());
        for inner in inner.iter().filter(|_| is_whole) {
            writer.gap();
            writer.open(&format!("{} {{", self.declaration(inner)));
            self.write(inner, true, writer);
            writer.close();
        }
    }

    /// The modules right below, by their names.
    fn inner(&self, module: &[String]) -> Vec<Vec<String>> {
        let homes = self.0.homes.iter().map(|it| &it.module);
        let inner = homes.filter(|it| it.len() > module.len() && it.starts_with(module));
        let mut inner: Vec<_> = inner.map(|it| it[..=module.len()].to_vec()).collect();
        inner.sort_by_key(|it| path(it));
        inner.dedup();
        inner
    }

    fn declaration(&self, module: &[String]) -> String {
        let name = module.last().map_or("", String::as_str);
        if self.is_a_part(module) { format!("mod {name}") } else { format!("pub mod {name}") }
    }

    /// Whether a module is one file of a package that has several.
    fn is_a_part(&self, module: &[String]) -> bool {
        self.0.homes.iter().any(|it| it.module == module && it.public != module)
    }
}

/// A text without empty lines at its end.
fn ended(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

/// The file of a module.
fn path(module: &[String]) -> PathBuf {
    match module {
        [] => PathBuf::from("mod.rs"),
        _ => {
            let parts: PathBuf = module.iter().map(|it| it.trim_start_matches("r#")).collect();
            parts.with_extension("rs")
        }
    }
}
