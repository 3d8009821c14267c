//! References to library code: links with the scheme `cite:`.
//!
//! ```text
//! [the encoder](cite:tonic/src/codec/encode.rs#EncodeBody)
//! <cite:tonic/src/codec/encode.rs#EncodeBody>
//! [loopy](cite:grpc-go@v1.75.0/internal/transport/controlbuf.go#loopyWriter.run)
//! ```
//!
//! A crate has the version of `Cargo.lock`; its file and the item in it are looked up in its
//! sources. Where two versions are locked, `h2@0.4.12/…` says which. Of grpc-go only the form is
//! checked.

use std::fs;

use crate::{
    Problem,
    markdown::{self, Parts},
    packages::{Package, Packages},
};

const FORM: &str = "write `cite:CRATE/PATH#ITEM` or `cite:grpc-go@vVERSION/PATH.go#FUNCTION`";

const KEYWORDS: [&str; 7] = ["struct", "enum", "trait", "fn", "type", "const", "mod"];

/// Makes links of all citations in a page. What cannot be cited stays as it is.
pub fn expand(packages: &Packages, page: &str, mut refuse: impl FnMut(usize, Problem)) -> String {
    let mut text = page.to_owned();
    // From the last to the first, so that places stay true.
    for link in Parts::of(page).links.iter().rev() {
        let Some(target) = link.target.strip_prefix("cite:") else { continue };
        let written = &page[link.range.clone()];
        let replaced = Citation::read(packages, target).and_then(|citation| {
            let Citation { url, title, file, item } = citation;
            let destination = format!("{url} \"{title}\"");
            if link.bare {
                return Ok(format!("[`{file}`: `{item}`]({destination})"));
            }
            let place = written.rfind(&link.target);
            let place = place.ok_or_else(|| Problem::new("a citation by reference", FORM))?;
            Ok(format!("{}{destination})", &written[..place]))
        });
        match replaced {
            Ok(replaced) => text.replace_range(link.range.clone(), &replaced),
            Err(problem) => refuse(markdown::line_at(page, link.range.start), problem),
        }
    }
    text
}

struct Citation<'a> {
    url: String,
    title: String,
    file: String,
    item: &'a str,
}

impl<'a> Citation<'a> {
    fn read(packages: &Packages, target: &'a str) -> Result<Self, Problem> {
        let form = || Problem::new(format!("cannot read `cite:{target}`"), FORM);
        let (place, item) = target.split_once('#').ok_or_else(form)?;
        let (origin, path) = place.split_once('/').ok_or_else(form)?;
        if item.is_empty() || path.is_empty() {
            return Err(form());
        }
        match origin.split_once('@') {
            Some(("grpc-go", version)) => Self::go(version, path, item).ok_or_else(form),
            Some((name, version)) => Self::rust(packages, name, Some(version), path, item),
            None if origin == "grpc-go" => Err(form()),
            None => Self::rust(packages, origin, None, path, item),
        }
    }

    fn go(version: &str, path: &str, item: &'a str) -> Option<Self> {
        let numbers: Vec<&str> = version.strip_prefix('v')?.split('.').collect();
        let is_number = |it: &&str| it.parse::<u16>().is_ok();
        if numbers.len() != 3 || !numbers.iter().all(is_number) || !path.ends_with(".go") {
            return None;
        }
        Some(Self {
            url: format!("https://github.com/grpc/grpc-go/blob/{version}/{path}"),
            title: format!("grpc-go {version}, {item}"),
            file: format!("grpc-go/{path}"),
            item,
        })
    }

    fn rust(
        packages: &Packages,
        name: &str,
        version: Option<&str>,
        path: &str,
        item: &'a str,
    ) -> Result<Self, Problem> {
        let mut found: Vec<&Package> = packages.named(name).collect();
        found.retain(|package| version.is_none_or(|version| package.version == version));
        let package = match found.as_slice() {
            [package] => package,
            [] => {
                let version = version.map(|it| format!(" {it}")).unwrap_or_default();
                let what = format!("Cargo.lock has no {name}{version}");
                return Err(Problem::new(what, "cite a crate that the workspace uses"));
            }
            several => {
                let versions: Vec<&str> = several.iter().map(|it| it.version.as_str()).collect();
                let what = format!("Cargo.lock has {name} {}", versions.join(" and "));
                return Err(Problem::new(what, format!("write `cite:{name}@VERSION/…`")));
            }
        };
        let version = &package.version;
        let gone = |what| Problem::new(what, "look where the code has gone");
        let source = fs::read_to_string(package.folder().join(path))
            .map_err(|_| gone(format!("{name} {version} has no file `{path}`")))?;
        if let Some(word) = item.split("::").find(|word| !has_word(&source, word)) {
            return Err(gone(format!("`{path}` of {name} {version} has no `{word}`")));
        }
        // The page has no lines to link to, but browsers look for a text.
        let last = item.rsplit("::").next().unwrap_or(item);
        let declared = KEYWORDS.map(|keyword| format!("{keyword} {last}"));
        let declared = declared.iter().find(|text| has_word(&source, text));
        let wanted = declared.map_or(last, String::as_str).replace(' ', "%20");
        Ok(Self {
            url: format!("https://docs.rs/crate/{name}/{version}/source/{path}#:~:text={wanted}"),
            title: format!("{name} {version}, {item}"),
            file: format!("{name}/{path}"),
            item,
        })
    }
}

/// Whether the word occurs, and not as a part of another.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word)
    })
}
