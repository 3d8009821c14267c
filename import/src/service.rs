//! Services as traits.

use std::collections::HashSet;

use heck::ToSnakeCase;
use protox::prost_reflect::{MethodDescriptor, ServiceDescriptor};

use crate::{
    file::FileWriter,
    layout::Named,
    names::{Casing, escaped, free, method},
    options::{is_deprecated, word},
    text::literal,
};

impl FileWriter<'_> {
    pub(crate) fn service(&mut self, service: &ServiceDescriptor) {
        let ident = self.layout.ident(service.full_name()).to_owned();
        let mut methods = Vec::new();
        for method in service.methods() {
            let types = [method.input(), method.output()];
            match types.iter().find(|it| !self.layout.can_be_sent(it.full_name())) {
                None => methods.push(method),
                Some(ty) => {
                    let name = format!("{}.{}", service.name(), method.name());
                    self.leave_out(
                        method.path(),
                        format!("method `{name}`, with a `{}`", ty.full_name()),
                    );
                }
            }
        }
        let mut taken = HashSet::new();
        let idents: Vec<_> = methods.iter().map(|it| free(method(it.name()), &mut taken)).collect();
        let names: Vec<_> = methods.iter().map(|it| it.name().to_owned()).collect();
        let pairs: Vec<_> = idents.iter().cloned().zip(names.iter().map(String::as_str)).collect();
        let casing = Casing::of(&pairs);

        self.writer.gap();
        self.comments.write(service.path(), &mut self.writer);
        let options = service.options();
        self.options(service.path(), &options, service.name(), &["deprecated"]);
        if is_deprecated(&options) {
            self.writer.line("#[deprecated]");
        }
        let name = (ident != service.name()).then(|| format!("name = {}", literal(service.name())));
        let keys: Vec<_> = name
            .into_iter()
            .chain(self.file_key())
            .chain(casing.key().map(str::to_owned))
            .collect();
        let attribute = self.scope.ours("service");
        self.writer.attribute(&attribute, &keys);
        if methods.is_empty() {
            return self.writer.line(&format!("pub trait {ident} {{}}"));
        }
        self.writer.open(&format!("pub trait {ident} {{"));
        for (method, ident) in methods.iter().zip(&idents) {
            self.method(method, ident, casing);
        }
        self.writer.close();
    }

    fn method(&mut self, method: &MethodDescriptor, ident: &str, casing: Casing) {
        self.comments.write(method.path(), &mut self.writer);
        let options = method.options();
        let name = format!("{}.{}", method.parent_service().name(), method.name());
        self.options(method.path(), &options, &name, &["deprecated", "idempotency_level"]);
        if is_deprecated(&options) {
            self.writer.line("#[deprecated]");
        }
        let mut keys = Vec::new();
        if casing.apply(ident) != method.name() {
            keys.push(format!("name = {}", literal(method.name())));
        }
        let idempotency = word(&options, "idempotency_level");
        if let Some(level) = idempotency.filter(|it| it != "IDEMPOTENCY_UNKNOWN") {
            keys.push(format!("idempotency = {}", literal(&level)));
        }
        if !keys.is_empty() {
            self.writer.attribute("rpc", &keys);
        }
        let input = method.input();
        let taken = self.scope.ty(input.full_name());
        let argument = match self.layout.named(input.full_name()) {
            _ if method.is_client_streaming() => {
                Some(format!("requests: {}<{taken}>", self.scope.ours("Streaming")))
            }
            Named::Native("()") => None,
            Named::Native("String") => Some("value: &str".to_owned()),
            Named::Native("Vec<u8>") => Some("value: &[u8]".to_owned()),
            Named::Native(native) => Some(format!("value: {native}")),
            Named::WellKnown(_) | Named::Own { .. } => {
                Some(format!("{}: &{taken}", argument(input.name())))
            }
        };
        let arguments: Vec<_> = std::iter::once("&self".to_owned()).chain(argument).collect();
        let result = format!(
            "Result<{}, {}>",
            self.scope.ty(method.output().full_name()),
            self.scope.ours("Status")
        );
        match method.is_server_streaming() {
            true => {
                let end = format!(" -> impl {}<Item = {result}>;", self.scope.ours("Stream"));
                self.writer.signature(&format!("fn {ident}"), &arguments, &end);
            }
            false => {
                let end = format!(" -> {result};");
                self.writer.signature(&format!("async fn {ident}"), &arguments, &end);
            }
        }
    }
}

/// What the argument is called: `request` for a `GetOrderRequest`, `order` for an `Order`.
fn argument(message: &str) -> String {
    let is_a_request = ["Request", "Req"].iter().any(|end| message.ends_with(end));
    if is_a_request { "request".to_owned() } else { escaped(&message.to_snake_case()) }
}
