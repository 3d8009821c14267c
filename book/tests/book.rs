//! The book itself: it has no fault, and can be read in both schemes and by keyboard.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use scraper::{Html, Selector};
use tempfile::TempDir;
use traitwire_book::{Project, make::make, markdown::Parts, plain};

const THEME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/theme");

/// The book, made in a folder of the test's own, and what is wrong with it.
fn made() -> (TempDir, Project, Option<anyhow::Error>) {
    let folder = tempfile::tempdir().unwrap();
    let mut project = Project::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    project.config.build.build_dir = folder.path().to_owned();
    let error = make(&project).err();
    (folder, project, error)
}

#[test]
fn the_book_has_no_fault_and_its_pages_stand_on_their_own() {
    let (folder, project, error) = made();
    if let Some(error) = error {
        panic!("{error:#}");
    }
    let language = project.config.book.language.as_deref();
    assert!(language.is_some());
    let script = fs::read_to_string(Path::new(THEME).join("traitwire.js")).unwrap();
    // Where the script fills in the name of a theme, any will do.
    let ids =
        script.split("getElementById(").skip(1).filter_map(|rest| rest.split(['\'', '`']).nth(1));
    let ids: Vec<String> = ids.map(|id| id.replace("${theme}", "navy")).collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
    for page in ["index.html", "02-pow.html", "print.html"] {
        let html = Html::parse_document(&fs::read_to_string(folder.path().join(page)).unwrap());
        let has =
            |selector: &str| html.select(&Selector::parse(selector).unwrap()).next().is_some();
        assert_eq!(html.root_element().attr("lang"), language, "{page}");
        assert!(has("script[src*='searcher']"), "{page} cannot be searched");
        assert!(has("meta[name=viewport]"), "{page}");
        for id in &ids {
            assert!(has(&format!("#{id}")), "traitwire.js looks for #{id} in {page}");
        }
    }
    let index: Vec<PathBuf> = files(folder.path(), "searchindex", ".js");
    let index = fs::read_to_string(&index[0]).unwrap().to_lowercase();
    assert!(index.contains("02-pow.html#contract"));
    assert!(
        index.contains("deadlock: send all"),
        "the symptoms of a deadlock are found by its name"
    );
    let synonyms =
        script.split("const synonyms = {").nth(1).and_then(|rest| rest.split("};").next());
    let synonyms: Vec<&str> = synonyms.unwrap().split('\'').skip(1).step_by(2).collect();
    assert!(synonyms.len() > 2, "{synonyms:?}");
    for word in synonyms.iter().flat_map(|words| words.split(' ')) {
        assert!(index.contains(word), "a search leads to `{word}`, which is nowhere");
    }
}

#[test]
fn the_edition_to_browse_is_current_and_its_links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let project = Project::open(&root).unwrap();
    let folder = plain::folder(&project);
    let files = plain::files(&project).unwrap();
    let mut faults = Vec::new();
    for (path, text) in &files {
        if project.read(&folder.join(path)).ok().as_ref() != Some(text) {
            faults.push(format!("{} is not current", path.display()));
        }
    }
    let kept = all_files(&root.join(&folder)).into_iter().filter(|it| !files.contains_key(it));
    faults.extend(kept.map(|path| format!("{} is left over", path.display())));
    assert!(faults.is_empty(), "{}\nrun `cargo xtask book --markdown`", faults.join("\n"));
    for (path, text) in files.iter().filter(|(path, _)| path.extension() == Some("md".as_ref())) {
        for link in Parts::of(text).links {
            let (file, id) = link.target.split_once('#').unwrap_or((&link.target, ""));
            if file.contains(':') {
                continue;
            }
            let here = root.join(&folder).join(path);
            let there = if file.is_empty() { here } else { here.with_file_name("").join(file) };
            let is_there = match there.extension() {
                Some(extension) if extension == "md" && !id.is_empty() => {
                    fs::read_to_string(&there).is_ok_and(|it| it.contains(&format!(" id=\"{id}\"")))
                }
                _ => there.exists(),
            };
            assert!(is_there, "{}: a link to {}", path.display(), link.target);
        }
    }
}

/// All files below a folder, relative to it.
fn all_files(folder: &Path) -> Vec<PathBuf> {
    fn add(folder: &Path, below: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder.join(below)).unwrap() {
            let path = below.join(entry.unwrap().file_name());
            if folder.join(&path).is_dir() {
                add(folder, &path, files);
            } else {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    add(folder, Path::new(""), &mut files);
    files
}

#[test]
fn every_term_of_the_glossary_has_its_chinese_name() {
    let glossary = Path::new(env!("CARGO_MANIFEST_DIR")).join("en/glossary.md");
    let glossary = fs::read_to_string(glossary).unwrap();
    let terms: Vec<&str> = glossary.lines().filter(|line| line.starts_with("### ")).collect();
    assert!(terms.len() > 50, "{terms:?}");
    for term in terms {
        let name = term.split_once(" · ").and_then(|(_, rest)| rest.split(" {#").next());
        assert!(name.is_some_and(|name| !name.trim().is_empty()), "{term}");
    }
}

#[test]
fn text_stands_out_from_its_ground() {
    let (folder, ..) = made();
    let css = fs::read_to_string(Path::new(THEME).join("traitwire.css")).unwrap();
    let schemes = [(".light", "highlight"), (".coal", "tomorrow-night")];
    for (scheme, highlighting) in schemes {
        let colours = declarations(&css, scheme);
        let grounds = ["--bg", "--code-bg", "--quote-bg", "--sidebar-bg", "--table-header-bg"];
        let texts = ["--fg", "--links", "--quiet", "--icons", "--sidebar-active"];
        let boxes = ["note", "tip", "important", "warning", "caution"];
        let boxes = boxes.map(|name| format!("--blockquote-{name}-color"));
        for text in texts.into_iter().chain(boxes.iter().map(String::as_str)) {
            for ground in grounds {
                assert_contrast(
                    &colours[text],
                    &colours[ground],
                    &format!("{scheme} {text} on {ground}"),
                );
            }
        }
        let path = &files(folder.path(), highlighting, ".css")[0];
        let code = fs::read_to_string(path).unwrap();
        let colours_of_code: Vec<String> = code.split('}').filter_map(colour_of).collect();
        assert!(colours_of_code.len() > 4, "{}", path.display());
        for colour in colours_of_code {
            let what = format!("{scheme} {highlighting}");
            assert_contrast(&format!("#{colour}"), &colours["--code-bg"], &what);
        }
    }
    assert!(css.contains(":focus-visible { outline: 2px"), "the focus is visible");
}

/// The colour of the text in a rule. The theme has its own for the lines of a diff.
fn colour_of(rule: &str) -> Option<String> {
    if rule.contains("addition") || rule.contains("deletion") {
        return None;
    }
    let digits = rule.split_once(" color: #")?.1.split_once(';')?.0;
    let twice = if digits.len() == 3 { 2 } else { 1 };
    Some(digits.chars().flat_map(|digit| std::iter::repeat_n(digit, twice)).collect())
}

/// The files at the top of a folder whose name starts and ends so.
fn files(folder: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| {
        path.file_name()
            .and_then(|it| it.to_str())
            .is_some_and(|it| it.starts_with(start) && it.ends_with(end))
    };
    paths.filter(named).collect()
}

/// The variables of a rule.
fn declarations(css: &str, selector: &str) -> BTreeMap<String, String> {
    let (_, rest) = css.split_once(&format!("{selector} {{")).unwrap();
    let (rule, _) = rest.split_once('}').unwrap();
    let pairs = rule.split(';').filter_map(|line| line.trim().split_once(": "));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// At least 4.5 to 1, as WCAG 2.2 has it for text (criterion 1.4.3).
fn assert_contrast(text: &str, ground: &str, what: &str) {
    let (one, other) = (luminance(text), luminance(ground));
    let ratio = (one.max(other) + 0.05) / (one.min(other) + 0.05);
    assert!(ratio >= 4.5, "{what}: {text} on {ground} is {ratio:.1} to 1");
}

fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
