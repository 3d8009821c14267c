//! A file as people write it.

use std::fmt;

use super::{
    literals::{comment_lines, quoted},
    model::{DefaultValue, Enum, Field, File, Message, Method, Reserved, Service, Syntax, Type},
    names::Names,
    options::{Options, Value},
};
use crate::describe::{Label, full_name};

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The text of `file`, where `names` are all names that may be meant.
pub(super) fn of(file: &File, names: &Names) -> String {
    let mut page = Page { file, names, text: String::new(), depth: 0 };
    page.file();
    page.text
}

struct Page<'a> {
    file: &'a File,
    names: &'a Names,
    text: String,
    depth: usize,
}

impl Page<'_> {
    fn file(&mut self) {
        let File { name, package, syntax, options, imports, messages, enums, services, .. } =
            self.file;
        self.line(&format!("// {name}"));
        self.line(&format!("syntax = \"{}\";", syntax.name()));
        if !package.is_empty() {
            self.gap();
            self.line(&format!("package {package};"));
        }
        if !imports.is_empty() {
            self.gap();
        }
        for import in imports {
            self.line(&format!("import \"{import}\";"));
        }
        if options.iter().next().is_some() {
            self.gap();
            self.statements(options);
        }
        for service in services {
            self.gap();
            self.service(service);
        }
        self.definitions(package, messages, enums);
    }

    fn definitions(&mut self, scope: &str, messages: &[Message], enums: &[Enum]) {
        for message in messages {
            self.gap();
            self.message(scope, message);
        }
        for it in enums {
            self.gap();
            self.enumeration(it);
        }
    }

    fn service(&mut self, service: &Service) {
        let scope = full_name(&self.file.package, &service.name);
        self.docs(&service.docs);
        self.block(&format!("service {}", service.name), |page| {
            page.statements(&service.options);
            for (index, method) in service.methods.iter().enumerate() {
                if index == 0 || !method.docs.is_empty() {
                    page.gap();
                }
                page.method(&scope, method);
            }
        });
    }

    fn method(&mut self, scope: &str, method: &Method) {
        let side = |stream: bool, message: &str| {
            let message = self.name(scope, message);
            if stream { format!("stream {message}") } else { message }
        };
        let input = side(method.client_streaming, &method.input);
        let output = side(method.server_streaming, &method.output);
        let head = format!("rpc {}({input}) returns ({output})", method.name);
        self.docs(&method.docs);
        match method.options.iter().next() {
            Some(_) => self.block(&head, |page| page.statements(&method.options)),
            None => self.line(&format!("{head};")),
        }
    }

    fn message(&mut self, scope: &str, message: &Message) {
        let scope = full_name(scope, &message.name);
        self.docs(&message.docs);
        self.block(&format!("message {}", message.name), |page| {
            page.statements(&message.options);
            page.reserved(&message.reserved, 536_870_911);
            if !message.fields.is_empty() {
                page.gap();
            }
            let mut fields = message.fields.iter().peekable();
            while let Some(field) = fields.next() {
                let Some(oneof) = field.oneof else {
                    page.field(&scope, field);
                    continue;
                };
                page.docs(&message.oneofs[oneof].docs);
                page.block(&format!("oneof {}", message.oneofs[oneof].name), |page| {
                    page.field(&scope, field);
                    while let Some(field) = fields.next_if(|it| it.oneof == Some(oneof)) {
                        page.field(&scope, field);
                    }
                });
            }
            page.definitions(&scope, &message.messages, &message.enums);
        });
    }

    fn field(&mut self, scope: &str, field: &Field) {
        let ty = self.ty(scope, &field.ty);
        let is_map = matches!(field.ty, Type::Map(..));
        let label = match field.label {
            Label::Repeated { .. } if !is_map => "repeated ",
            Label::Required => "required ",
            Label::Optional => "optional ",
            Label::Plain if self.file.syntax == Syntax::Proto2 && field.oneof.is_none() => {
                "optional "
            }
            Label::Plain | Label::Repeated { .. } => "",
        };
        let options = self.options(field);
        self.docs(&field.docs);
        self.line(&format!("{label}{ty} {} = {}{options};", field.name, field.number));
    }

    fn options(&self, field: &Field) -> String {
        let mut options = Vec::new();
        if let Some(default) = &field.default {
            options.push(format!("default = {}", self::default(default)));
        }
        if let Some(packed) = written_packed(self.file.syntax, field) {
            options.push(format!("packed = {packed}"));
        }
        if let Some(name) = &field.json_name {
            options.push(format!("json_name = {}", quoted(name.as_bytes())));
        }
        options.extend(field.options.iter().map(written));
        self.in_brackets(&options)
    }

    fn in_brackets(&self, options: &[String]) -> String {
        match options {
            [] => String::new(),
            [option] => format!(" [{option}]"),
            options => {
                let margin = "  ".repeat(self.depth);
                let lines = options.join(&format!(",\n{margin}  "));
                format!(" [\n{margin}  {lines}\n{margin}]")
            }
        }
    }

    fn enumeration(&mut self, it: &Enum) {
        self.docs(&it.docs);
        self.block(&format!("enum {}", it.name), |page| {
            page.statements(&it.options);
            page.reserved(&it.reserved, i32::MAX);
            page.gap();
            for value in &it.values {
                let options: Vec<_> = value.options.iter().map(written).collect();
                let options = page.in_brackets(&options);
                page.docs(&value.docs);
                page.line(&format!("{} = {}{options};", value.name, value.number));
            }
        });
    }

    fn reserved(&mut self, reserved: &Reserved, max: i32) {
        let numbers: Vec<_> = reserved
            .numbers
            .iter()
            .map(|&(first, last)| match last {
                _ if first == last => first.to_string(),
                _ if last == max => format!("{first} to max"),
                _ => format!("{first} to {last}"),
            })
            .collect();
        let names: Vec<_> = reserved.names.iter().map(|name| quoted(name.as_bytes())).collect();
        for items in [numbers, names] {
            if !items.is_empty() {
                self.line(&format!("reserved {};", items.join(", ")));
            }
        }
    }

    fn ty(&self, scope: &str, ty: &Type) -> String {
        match ty {
            Type::Scalar(scalar) => scalar.name().to_owned(),
            Type::Message(name) | Type::Enum(name) => self.name(scope, name),
            Type::Map(key, value) => format!("map<{}, {}>", key.name(), self.ty(scope, value)),
        }
    }

    fn name(&self, scope: &str, target: &str) -> String {
        self.names.shortest(scope, target, &self.file.package)
    }

    fn statements(&mut self, options: &Options) {
        for option in options.iter() {
            self.line(&format!("option {};", written(option)));
        }
    }

    /// `head { … }`; `head {}` where there is nothing inside.
    fn block(&mut self, head: &str, inside: impl FnOnce(&mut Self)) {
        self.line(&format!("{head} {{"));
        let before = self.text.len();
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        if self.text.len() == before {
            self.text.truncate(before - 1);
            self.text.push_str("}\n");
        } else {
            self.line("}");
        }
    }

    fn docs(&mut self, docs: &str) {
        for line in comment_lines(docs) {
            self.line(&format!("//{line}"));
        }
    }

    fn line(&mut self, line: &str) {
        self.text.extend(std::iter::repeat_n("  ", self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One empty line, and none at the beginning of a block.
    fn gap(&mut self) {
        if !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }
}

fn written((name, value): (&str, &Value)) -> String {
    format!("{name} = {}", value.text())
}

/// What a file of that syntax must say about packing, if it must say something.
pub(super) fn written_packed(syntax: Syntax, field: &Field) -> Option<bool> {
    match field.label {
        Label::Repeated { packed } if field.ty.is_packable() => {
            (packed != (syntax == Syntax::Proto3)).then_some(packed)
        }
        _ => None,
    }
}

fn default(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Word(word) => word.clone(),
        DefaultValue::String(text) => quoted(text.as_bytes()),
        DefaultValue::Bytes(bytes) => quoted(bytes),
    }
}
