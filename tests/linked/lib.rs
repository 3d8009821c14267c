//! Tells a test what it is linked with, so that it can have more programs compiled against the same
//! libraries, and nothing is built twice.

use proc_macro::{Literal, Punct, Spacing, TokenStream, TokenTree};

/// The arguments that name the libraries of the crate being compiled, `--extern …` and `-L …`, as a
/// `[&str; N]` for another `rustc`.
///
/// A macro runs inside the compiler, whose command line is therefore this process's.
#[proc_macro]
pub fn libraries(_: TokenStream) -> TokenStream {
    let mut found = Vec::new();
    let mut arguments = std::env::args();
    while let Some(argument) = arguments.next() {
        if argument == "--extern" || argument == "-L" {
            found.extend([Some(argument), arguments.next()].into_iter().flatten());
        }
    }
    let tokens = found.iter().flat_map(|argument| {
        let comma = Punct::new(',', Spacing::Alone);
        [TokenTree::from(Literal::string(argument)), comma.into()]
    });
    let group = proc_macro::Group::new(proc_macro::Delimiter::Bracket, tokens.collect());
    TokenTree::from(group).into()
}
