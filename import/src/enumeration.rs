//! Enumerations.

use std::collections::HashSet;

use protox::prost_reflect::EnumDescriptor;

use crate::{
    file::FileWriter,
    message::Head,
    names::{free, variant},
    options::is_deprecated,
    text::literal,
};

impl FileWriter<'_> {
    pub(crate) fn enumeration(&mut self, it: &EnumDescriptor) {
        if !is_carried_over(it) {
            let what =
                format!("enum `{}`, whose first value is not 0: its fields are int32", it.name());
            return self.leave_out(it.path(), what);
        }
        self.writer.gap();
        self.comments.write(it.path(), &mut self.writer);
        let options = it.options();
        self.options(it.path(), &options, it.name(), &["deprecated", "allow_alias"]);
        let proto = it.enum_descriptor_proto();
        let ranges = proto.reserved_range.iter().map(|it| (it.start(), it.end()));
        let ident = self.head(&Head {
            full_name: it.full_name(),
            deprecated: is_deprecated(&options),
            reserved: ranges.collect(),
            reserved_names: &proto.reserved_name,
            last: i32::MAX,
        });
        self.writer.open(&format!("pub enum {ident} {{"));
        let mut seen = Vec::new();
        for ((index, value), (ident, follows)) in (0..).zip(&proto.value).zip(self.variants(it)) {
            let path = [it.path(), &[2, index]].concat();
            let name = value.name();
            if seen.contains(&value.number()) {
                self.leave_out(&path, format!("`{name}`, another name for {}", value.number()));
                continue;
            }
            seen.push(value.number());
            self.comments.write(&path, &mut self.writer);
            if let Some(options) = it.get_value_by_name(name).map(|it| it.options()) {
                self.options(&path, &options, name, &["deprecated"]);
                if is_deprecated(&options) {
                    self.writer.line("#[deprecated]");
                }
            }
            if !follows {
                self.writer.line(&format!("#[tag(name = {})]", literal(name)));
            }
            self.writer.line(&format!("{ident} = {},", value.number()));
        }
        self.writer.close();
    }

    /// The variant for a value.
    pub(crate) fn variant(&self, of: &EnumDescriptor, number: i32) -> String {
        let mut values = of.enum_descriptor_proto().value.iter().zip(self.variants(of));
        values.find(|(value, _)| value.number() == number).map(|(_, it)| it.0).unwrap_or_default()
    }

    /// Each value's variant, and whether its name follows from the variant's.
    fn variants(&self, it: &EnumDescriptor) -> Vec<(String, bool)> {
        let ident = self.layout.ident(it.full_name());
        let mut taken = HashSet::new();
        let mut each = |name: &str| {
            let (wanted, follows) = variant(ident, it.name(), name);
            let ident = free(wanted.clone(), &mut taken);
            let follows = follows && ident == wanted;
            (ident, follows)
        };
        it.enum_descriptor_proto().value.iter().map(|value| each(value.name())).collect()
    }
}

/// Whether its first value is 0, as proto3 has it.
pub(crate) fn is_carried_over(it: &EnumDescriptor) -> bool {
    it.enum_descriptor_proto().value.first().is_some_and(|first| first.number() == 0)
}
