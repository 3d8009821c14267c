//! Rust as rustfmt leaves it.

/// Columns of a line.
const WIDTH: usize = 100;

/// Columns of the keys of an attribute, if they stand in one line.
const KEYS_WIDTH: usize = 70;

/// Columns of the arguments of a call, if they stand in one line.
const CALL_WIDTH: usize = 60;

/// Columns of an item that shares its line with others in a long list.
const SHORT: usize = 10;

/// Text that grows by lines.
pub(crate) struct Writer {
    text: String,
    indent: usize,
}

impl Writer {
    pub(crate) fn new(indent: usize) -> Self {
        Self { text: String::new(), indent }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    pub(crate) fn indent(&self) -> usize {
        self.indent
    }

    /// Lines that are indented already.
    pub(crate) fn lines(&mut self, lines: &str) {
        self.text += lines;
    }

    pub(crate) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", self.indent));
            self.text += line;
        }
        self.text.push('\n');
    }

    /// An empty line, but not at the beginning and not after `{`.
    pub(crate) fn gap(&mut self) {
        if !(self.text.is_empty() || self.text.ends_with("\n\n") || self.text.ends_with("{\n")) {
            self.text.push('\n');
        }
    }

    pub(crate) fn open(&mut self, line: &str) {
        self.line(line);
        self.indent += 1;
    }

    pub(crate) fn close(&mut self) {
        self.indent -= 1;
        self.line("}");
    }

    /// `#[name(keys)]`
    pub(crate) fn attribute(&mut self, name: &str, keys: &[String]) {
        match keys {
            [] => self.line(&format!("#[{name}]")),
            keys => self.list(&format!("#[{name}"), keys, "]"),
        }
    }

    /// `start(items)end`, and `start(` in a line of its own where that is long.
    fn list(&mut self, start: &str, items: &[String], end: &str) {
        let list = items.join(", ");
        let line = format!("{start}({list}){end}");
        if list.len() <= KEYS_WIDTH && self.fits(&line) {
            return self.line(&line);
        }
        // What is alone in a list takes no step of its own.
        if let [only] = items {
            return match as_list(only) {
                Some((name, items)) => {
                    self.list(&format!("{start}({name}"), &items, &format!("){end}"));
                }
                None => self.line(&line),
            };
        }
        self.open(&format!("{start}("));
        let last = items.len() - 1;
        if items.iter().all(|it| it.len() <= SHORT) {
            self.filled(items, "");
            self.indent -= 1;
            return self.line(&format!("){end}"));
        }
        for (index, item) in items.iter().enumerate() {
            let comma = if index == last { "" } else { "," };
            match as_list(item) {
                Some((name, items)) => self.list(name, &items, comma),
                None => self.line(&format!("{item}{comma}")),
            }
        }
        self.indent -= 1;
        self.line(&format!("){end}"));
    }

    /// `name!(arguments);`
    pub(crate) fn call(&mut self, name: &str, arguments: &[String]) {
        let list = arguments.join(", ");
        let line = format!("{name}!({list});");
        if list.len() <= CALL_WIDTH && self.fits(&line) {
            return self.line(&line);
        }
        self.open(&format!("{name}!("));
        let last = arguments.len() - 1;
        for (index, argument) in arguments.iter().enumerate() {
            let comma = if index == last { "" } else { "," };
            self.broken_at(" =", argument, comma);
        }
        self.indent -= 1;
        self.line(");");
    }

    /// `name: ty,`
    pub(crate) fn field(&mut self, name: &str, ty: &str) {
        self.broken_at(":", &format!("{name}: {ty}"), ",");
    }

    /// A line that goes on below where it is long, after `mark`.
    fn broken_at(&mut self, mark: &str, line: &str, end: &str) {
        let fits = |line: &str, steps: usize| self.columns(line) + steps * 4 < WIDTH;
        match line.split_once(&format!("{mark} ")) {
            Some((name, rest)) if !fits(line, 0) && fits(rest, 1) => {
                self.open(&format!("{name}{mark}"));
                self.line(&format!("{rest}{end}"));
                self.indent -= 1;
            }
            _ => self.line(&format!("{line}{end}")),
        }
    }

    /// `start(arguments)end`.
    pub(crate) fn signature(&mut self, start: &str, arguments: &[String], end: &str) {
        let line = format!("{start}({}){end}", arguments.join(", "));
        match self.columns(&line) {
            ..WIDTH => return self.line(&line),
            // With the `;` that it sees later, rustfmt has no room for what is returned.
            WIDTH => {
                self.line(&format!("{start}({})", arguments.join(", ")));
                return self.line(end.trim_start());
            }
            _ => {}
        }
        self.open(&format!("{start}("));
        arguments.iter().for_each(|it| self.line(&format!("{it},")));
        self.indent -= 1;
        self.line(&format!("){end}"));
    }

    /// `use path::{names};`
    pub(crate) fn import(&mut self, path: &str, names: &[&str]) {
        let line = match names {
            [name] => format!("use {path}::{name};"),
            names => format!("use {path}::{{{}}};", names.join(", ")),
        };
        let has_lists = names.len() > 1 && names.iter().any(|it| is_list(it));
        if self.columns(&line) + 1 < WIDTH && !has_lists {
            return self.line(&line);
        }
        self.open(&format!("use {path}::{{"));
        self.filled(names, ",");
        self.indent -= 1;
        self.line("};");
    }

    /// As many of the items in a line as it has room for, but a list in one of its own; with `end`
    /// behind the last.
    fn filled(&mut self, items: &[impl AsRef<str>], end: &str) {
        let mut line = String::new();
        for (index, item) in items.iter().map(AsRef::as_ref).enumerate() {
            let is_last = index + 1 == items.len();
            let (comma, room) = if is_last { (end, "") } else { (",", "  ") };
            let is_full = is_list(item) || !self.fits(&format!("{line} {item},{room}"));
            if is_full && !line.is_empty() {
                self.line(&line);
                line.clear();
            }
            let space = if line.is_empty() { "" } else { " " };
            line += &format!("{space}{item}{comma}");
        }
        self.line(&line);
    }

    fn fits(&self, line: &str) -> bool {
        self.columns(line) <= WIDTH
    }

    fn columns(&self, line: &str) -> usize {
        self.indent * 4 + line.chars().count()
    }
}

/// What rustfmt sorts names by.
pub(crate) fn sorted_as(name: &str) -> String {
    name.replace("r#", "").replace('_', " ")
}

/// `name::{items}`
fn is_list(name: &str) -> bool {
    name.contains('{')
}

/// `name(items)`, taken apart.
fn as_list(item: &str) -> Option<(&str, Vec<String>)> {
    let (name, items) = item.strip_suffix(')')?.split_once('(')?;
    Some((name, items.split(", ").map(str::to_owned).collect()))
}

/// A string literal.
pub(crate) fn literal(text: &str) -> String {
    format!("{text:?}")
}
