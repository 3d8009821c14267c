//! One file: its text, and what it could not carry over.

use std::collections::HashSet;

use prost_types::FileDescriptorProto;
use protox::prost_reflect::{Cardinality, DynamicMessage, FieldDescriptor, FileDescriptor, Syntax};

use crate::{
    comments::Comments,
    layout::{Layout, messages, used},
    options::{self, is_deprecated},
    scope::Scope,
    text::{Writer, literal},
};

/// What is written of a file, and for what.
pub(crate) struct Text {
    pub(crate) text: String,
    /// One line each, with the place in the `.proto`.
    pub(crate) left_out: Vec<String>,
    /// Whether the compiler would warn of each place where a type is said.
    pub(crate) has_deprecated_types: bool,
}

/// A file that is being written.
pub(crate) struct FileWriter<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) file: &'a FileDescriptor,
    pub(crate) scope: Scope<'a>,
    pub(crate) comments: Comments<'a>,
    pub(crate) writer: Writer,
    left_out: Vec<(i32, String)>,
}

/// The text of the file at `index`, indented by `indent` steps.
pub(crate) fn text(layout: &Layout, index: usize, indent: usize) -> Text {
    let file = &layout.homes[index].file;
    let proto = file.file_descriptor_proto();
    let mut body = FileWriter {
        layout,
        file,
        scope: Scope::new(layout, index),
        comments: Comments::of(proto),
        writer: Writer::new(indent),
        left_out: Vec::new(),
    };
    let package = body.package();
    file.services().for_each(|it| body.service(&it));
    file.messages().for_each(|it| body.message(&it));
    file.enums().for_each(|it| body.enumeration(&it));
    body.of_the_file(proto);
    body.left_out.sort();

    let mut writer = Writer::new(indent);
    let name = file.name();
    body.comments.write_of_file(name, &mut writer);
    if !body.left_out.is_empty() {
        writer.line(&format!("// Left out of {name}:"));
        for (line, what) in &body.left_out {
            writer.line(&format!("// - line {line}: {what}"));
        }
        writer.gap();
    }
    body.scope.uses(&mut writer);
    writer.gap();
    if let Some(keys) = package {
        writer.call("traitwire::package", &keys);
        writer.gap();
    }
    let has_deprecated_types = body.has_deprecated_types();
    let text = format!("{}\n", (writer.into_text() + &body.writer.into_text()).trim_end());
    let left_out =
        body.left_out.iter().map(|(line, what)| format!("{name}:{line}: {what}")).collect();
    Text { text, left_out, has_deprecated_types }
}

impl FileWriter<'_> {
    /// Notes that something of the `.proto` is not in the text.
    pub(crate) fn leave_out(&mut self, path: &[i32], what: String) {
        self.left_out.push((self.comments.line(path), what));
    }

    /// Notes all options of `name` but those in `kept`.
    pub(crate) fn options(
        &mut self,
        path: &[i32],
        set: &DynamicMessage,
        name: &str,
        kept: &[&str],
    ) {
        for option in options::names(set) {
            if !kept.contains(&option.as_str()) {
                self.leave_out(path, format!("option `{option}` of `{name}`"));
            }
        }
    }

    /// The keys of `package!`; a file without a package has no such line.
    fn package(&mut self) -> Option<Vec<String>> {
        let options = self.file.options();
        let path = &[8];
        let package = self.file.package_name();
        let name = self.file.name().to_owned();
        if package.is_empty() {
            self.options(path, &options, &name, &[]);
            return None;
        }
        self.options(path, &options, &name, options::OF_A_FILE);
        let mut keys = vec![literal(package), format!("file = {}", literal(&name))];
        keys.extend(options::keys(&options, options::OF_A_FILE));
        Some(keys)
    }

    /// Whether a type is deprecated that the file defines or says, or a service.
    fn has_deprecated_types(&self) -> bool {
        let pool = self.file.parent_pool();
        let messages = messages(self.file);
        let enums = messages.iter().flat_map(|it| it.child_enums().collect::<Vec<_>>());
        let mut own = self.file.services().map(|it| it.options());
        own.any(|it| is_deprecated(&it))
            || messages.iter().any(|it| is_deprecated(&it.options()))
            || self.file.enums().chain(enums).any(|it| is_deprecated(&it.options()))
            || self.scope.said().iter().any(|name| {
                let message = pool.get_message_by_name(name).map(|it| it.options());
                let options = message.or_else(|| Some(pool.get_enum_by_name(name)?.options()));
                options.is_some_and(|it| is_deprecated(&it))
            })
    }

    /// `file = "…"`, where no line of the module says it.
    pub(crate) fn file_key(&self) -> Option<String> {
        let is_said = !self.file.package_name().is_empty();
        (!is_said).then(|| format!("file = {}", literal(self.file.name())))
    }

    /// What is left out of what concerns the file as a whole.
    fn of_the_file(&mut self, proto: &FileDescriptorProto) {
        if self.file.syntax() == Syntax::Proto2 {
            let is_proto2 = |it: FieldDescriptor| {
                it.cardinality() == Cardinality::Required
                    || it.field_descriptor_proto().default_value.is_some()
            };
            if !messages(self.file).iter().any(|it| it.fields().any(is_proto2)) {
                let what = "`proto2`: without `required` and `default` it is `proto3` here, where \
                            enumerations are open";
                self.leave_out(&[12], what.to_owned());
            }
        }
        let used = used(self.file).into_iter().filter(|(ty, _)| self.scope.said().contains(ty));
        let used: HashSet<_> = used.map(|(_, file)| file).collect();
        for (index, import) in (0..).zip(&proto.dependency) {
            let is_public = proto.public_dependency.contains(&index);
            if is_public {
                self.leave_out(&[3, index], format!("`public` of the import of {import}"));
            } else if !used.contains(import) {
                self.leave_out(&[3, index], format!("the import of {import}, which nothing needs"));
            }
        }
        for (index, extension) in (0..).zip(&proto.extension) {
            self.leave_out(&[7, index], extension_of(extension));
        }
    }
}

/// How an extension is called when it is left out.
pub(crate) fn extension_of(extension: &prost_types::FieldDescriptorProto) -> String {
    let extended = extension.extendee().trim_start_matches('.');
    format!("extension `{}` of `{extended}`", extension.name())
}
