//! Messages and their oneofs.

use std::collections::HashSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor};

use crate::{
    enumeration::is_carried_over,
    file::{FileWriter, extension_of},
    names::{camel, free, snake},
    options::is_deprecated,
    text::literal,
};

/// What the definition of a message and of an enumeration have in common.
pub(crate) struct Head<'a> {
    pub(crate) full_name: &'a str,
    pub(crate) deprecated: bool,
    /// Ranges with their ends.
    pub(crate) reserved: Vec<(i32, i32)>,
    pub(crate) reserved_names: &'a [String],
    /// The greatest number.
    pub(crate) last: i32,
}

impl FileWriter<'_> {
    /// Writes the attributes of a type, and gives its name.
    pub(crate) fn head(&mut self, head: &Head<'_>) -> String {
        let ident = self.layout.ident(head.full_name).to_owned();
        let package = self.file.package_name();
        let name = head.full_name.strip_prefix(package).unwrap_or(head.full_name);
        let name = name.strip_prefix('.').unwrap_or(name);
        let name = (name != ident).then(|| format!("name = {}", literal(name)));
        let reserved = reserved(head);
        let reserved = (!reserved.is_empty()).then(|| format!("reserved({})", reserved.join(", ")));
        let keys: Vec<_> = name.into_iter().chain(self.file_key()).chain(reserved).collect();
        if head.deprecated {
            self.writer.line("#[deprecated]");
        }
        let attribute = self.scope.ours("message");
        self.writer.attribute(&attribute, &keys);
        ident
    }

    pub(crate) fn message(&mut self, message: &MessageDescriptor) {
        if message.is_map_entry() || is_a_group(message) {
            return;
        }
        let proto = message.descriptor_proto();
        let options = message.options();
        self.options(message.path(), &options, message.name(), &["deprecated"]);
        for (index, range) in (0..).zip(&proto.extension_range) {
            let path = [message.path(), &[5, index]].concat();
            let numbers = format!("{} to {}", range.start(), range.end() - 1);
            self.leave_out(&path, format!("extensions {numbers} of `{}`", message.name()));
        }
        for (index, extension) in (0..).zip(&proto.extension) {
            self.leave_out(&[message.path(), &[6, index]].concat(), extension_of(extension));
        }

        self.writer.gap();
        self.comments.write(message.path(), &mut self.writer);
        let ranges = proto.reserved_range.iter().map(|it| (it.start(), it.end() - 1));
        let ident = self.head(&Head {
            full_name: message.full_name(),
            deprecated: is_deprecated(&options),
            reserved: ranges.collect(),
            reserved_names: &proto.reserved_name,
            last: 536_870_911,
        });
        let oneofs = self.fields(&ident, message);
        oneofs.iter().for_each(|it| self.oneof(it));
        message.child_messages().for_each(|it| self.message(&it));
        message.child_enums().for_each(|it| self.enumeration(&it));
    }

    /// Writes the struct, and gives the oneofs that it has.
    fn fields(&mut self, ident: &str, message: &MessageDescriptor) -> Vec<OneofDescriptor> {
        let fields = in_order(message.fields());
        let mut taken = HashSet::new();
        let mut oneofs = Vec::new();
        let mut is_open = false;
        for field in fields {
            if let Some(what) = self.obstacle(&field) {
                self.leave_out(field.path(), what);
                continue;
            }
            let oneof = field.containing_oneof().filter(|it| !it.is_synthetic());
            if oneof.as_ref().is_some_and(|it| oneofs.contains(it)) {
                continue;
            }
            if !is_open {
                self.writer.open(&format!("pub struct {ident} {{"));
                is_open = true;
            }
            match oneof {
                Some(oneof) => {
                    self.oneof_field(&oneof, &mut taken);
                    oneofs.push(oneof);
                }
                None => {
                    let ident = free(snake(field.name()), &mut taken);
                    let ty = self.field(&field, ident.trim_start_matches("r#"));
                    self.writer.field(&format!("pub {ident}"), &ty);
                }
            }
        }
        match is_open {
            true => self.writer.close(),
            false => self.writer.line(&format!("pub struct {ident} {{}}")),
        }
        oneofs
    }

    /// What a field is that there is no Rust for.
    fn obstacle(&self, field: &FieldDescriptor) -> Option<String> {
        let name = format!("{}.{}", field.parent_message().name(), field.name());
        if field.is_group() {
            return Some(format!("group `{name}`"));
        }
        let mut kind = field.kind();
        if let Kind::Message(entry) = &kind
            && field.is_map()
        {
            kind = entry.map_entry_value_field().kind();
        }
        let ty = match &kind {
            Kind::Message(it) => it.full_name(),
            Kind::Enum(it) if is_carried_over(it) => it.full_name(),
            _ => return None,
        };
        (!self.layout.has(ty)).then(|| format!("field `{name}`, a `{ty}`"))
    }

    /// The field that holds a oneof.
    fn oneof_field(&mut self, oneof: &OneofDescriptor, taken: &mut HashSet<String>) {
        self.comments.write(oneof.path(), &mut self.writer);
        let ident = free(snake(oneof.name()), taken);
        let fields = in_order(oneof.fields()).into_iter();
        let fields = fields.filter(|it| self.obstacle(it).is_none());
        let mut keys: Vec<_> = fields.map(|it| it.number().to_string()).collect();
        if ident.trim_start_matches("r#") != oneof.name() {
            keys.push(format!("name = {}", literal(oneof.name())));
        }
        self.writer.attribute("oneof", &keys);
        let ty = self.layout.ident(oneof.full_name());
        self.writer.field(&format!("pub {ident}"), &format!("Option<{ty}>"));
    }

    /// The enum of a oneof.
    fn oneof(&mut self, oneof: &OneofDescriptor) {
        let name = format!("{}.{}", oneof.parent_message().name(), oneof.name());
        self.options(oneof.path(), &oneof.options(), &name, &[]);
        self.writer.gap();
        let attribute = self.scope.ours("message");
        self.writer.line(&format!("#[{attribute}]"));
        self.writer.open(&format!("pub enum {} {{", self.layout.ident(oneof.full_name())));
        let mut taken = HashSet::new();
        for field in in_order(oneof.fields()).iter() {
            if self.obstacle(field).is_some() {
                continue;
            }
            let camel = camel(&field.name().to_upper_camel_case());
            let ident = free(camel, &mut taken);
            let ty = self.field(field, &ident.to_snake_case());
            self.writer.line(&format!("{ident}({ty}),"));
        }
        self.writer.close();
    }
}

/// Fields in the order of the file, which is not that of their numbers.
fn in_order(fields: impl Iterator<Item = FieldDescriptor>) -> Vec<FieldDescriptor> {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by_key(|it| it.path().to_vec());
    fields
}

fn reserved(head: &Head<'_>) -> Vec<String> {
    let range = |&(first, last): &(i32, i32)| match last {
        _ if first == last => first.to_string(),
        last if last == head.last => format!("{first}.."),
        last => format!("{first}..={last}"),
    };
    let numbers = head.reserved.iter().map(range);
    numbers.chain(head.reserved_names.iter().map(|it| literal(it))).collect()
}

/// Whether a message is what a group is made of.
fn is_a_group(message: &MessageDescriptor) -> bool {
    let is_it = |kind: Kind| kind.as_message().is_some_and(|it| it == message);
    message
        .parent_message()
        .is_some_and(|outer| outer.fields().any(|field| field.is_group() && is_it(field.kind())))
}
