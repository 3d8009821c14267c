//! Refusals as data, and the collector that reports all of them at once.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

/// What is wrong, and what to write instead. `{0}`, `{1}` … stand for what was found.
pub(crate) struct Rule {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) help: &'static str,
}

/// One refusal, at the tokens that caused it.
pub(crate) struct Diagnostic {
    rule: &'static Rule,
    first: Span,
    last: Span,
    found: Vec<String>,
}

impl Diagnostic {
    /// The text as the compiler shows it.
    fn text(&self) -> String {
        let Rule { code, message, help } = self.rule;
        format!("{} [{code}]\nhelp: {}", self.fill(message), self.fill(help))
    }

    fn fill(&self, template: &str) -> String {
        let mut text = template.to_owned();
        for (index, found) in self.found.iter().enumerate() {
            text = text.replace(&format!("{{{index}}}"), found);
        }
        text
    }
}

impl ToTokens for Diagnostic {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        // The compiler underlines from the span of the path to that of the braces.
        let text = self.text();
        let path = quote_spanned!(self.first=> ::core::compile_error!);
        let message = quote_spanned!(self.last=> { #text });
        tokens.extend(path);
        tokens.extend(message);
    }
}

/// Everything that was refused.
#[derive(Default)]
pub(crate) struct Errors(Vec<Diagnostic>);

impl Errors {
    /// Refuses `tokens` under `rule`.
    pub(crate) fn refuse(
        &mut self,
        tokens: impl ToTokens,
        rule: &'static Rule,
        found: &[&dyn Display],
    ) {
        let mut spans = tokens.into_token_stream().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        let last = spans.last().unwrap_or(first);
        let found = found.iter().map(ToString::to_string).collect();
        self.0.push(Diagnostic { rule, first, last, found });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for diagnostic in &self.0 {
            diagnostic.to_tokens(tokens);
        }
    }
}
