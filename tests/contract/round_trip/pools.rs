//! What random descriptors are made of: everything that a compiler could take for something else.

use prost_types::field_descriptor_proto::Type;

/// A sequence of numbers that looks random and is the same each time (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a small number");
        usize::try_from(self.next() % end).expect("a small number")
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(super) fn sometimes(&mut self, n: usize) -> Option<bool> {
        self.one_in(n).then_some(true)
    }
}

/// Packages; the parts of some are words of the language, and the beginning of others.
pub(super) const PACKAGES: &[&str] = &[
    "",
    "shop",
    "shop.v1",
    "shop.v1.shop",
    "stream.v1",
    "message",
    "option.enum.v1",
    "google.shop",
    "repeated",
    "string.v2",
    "_under.Score",
    "v1",
];

/// Names, likely to be the same as one elsewhere.
pub(super) const NAMES: &[&str] = &[
    // Ordinary ones, in several casings.
    "Order",
    "Item",
    "order",
    "order_id",
    "OrderId",
    "orderID",
    "Kind",
    "List",
    "x2",
    "A1B2",
    "labels",
    "LabelsEntry",
    "item_list",
    "ItemListEntry",
    "_order",
    "X_order",
    // Beginnings of packages, and what protobuf itself is called.
    "shop",
    "v1",
    "google",
    "protobuf",
    "StringValue",
    // Underscores.
    "a_b_c",
    "_a",
    "a_",
    "a__b",
    "__",
    "_",
    "a_1",
    "_1",
    // Words of the language.
    "message",
    "enum",
    "option",
    "optional",
    "stream",
    "string",
    "int32",
    "bytes",
    "bool",
    "map",
    "oneof",
    "reserved",
    "extensions",
    "extend",
    "group",
    "repeated",
    "required",
    "rpc",
    "returns",
    "service",
    "syntax",
    "package",
    "import",
    "public",
    "weak",
    "to",
    "max",
    "inf",
    "nan",
    "true",
    "false",
    "default",
    "json_name",
    "packed",
    "deprecated",
    "edition",
    "export",
    "local",
];

/// Comments as descriptors hold them, and as people write them.
pub(super) const DOCS: &[&str] = &[
    " One line.\n",
    " Two.\n\n Lines, \u{e9}.\n",
    " Spaces at the end   \n and a tab\t\n",
    "\tA tab in front.\n     Spaces in front.\n",
    " An end */ and a beginning /* of the other kind, // and of this.\n",
    " Windows\r\n lines.\r\n",
    " A carriage return \r alone, and others \u{b} \u{c} \u{85} \u{2028} too.\n",
    "\n\n Empty lines around.\n\n\n",
    " a.proto\n syntax = \"proto3\";\n",
    "b.proto\n",
    " \"quoted\" \\ \\n 'single'; option deprecated = true;\n",
    "/ Three slashes.\n",
    " \u{feff}\u{1f980} \u{0} and \u{7f}\n",
    "",
    " \n",
];

/// Scalars with defaults that a `.proto` may give them, in the form that descriptors hold.
pub(super) const SCALARS: [(Type, &[&str]); 15] = [
    (
        Type::Double,
        &[
            "1.5",
            "inf",
            "-inf",
            "nan",
            "-0",
            "0",
            "1e+20",
            "1e-07",
            "0.1",
            "123456789.12345679",
            "1.7976931348623157e+308",
            "5e-324",
            "1.50",
            "-100",
            "1E3",
        ],
    ),
    (
        Type::Float,
        &["-0.25", "inf", "-inf", "nan", "-0", "3.40282347e+38", "1e-45", "0.1", "16777216"],
    ),
    (Type::Int32, &["-2147483648", "2147483647", "0"]),
    (Type::Int64, &["9223372036854775807", "-9223372036854775808"]),
    (Type::Uint32, &["4294967295", "0"]),
    (Type::Uint64, &["18446744073709551615"]),
    (Type::Sint32, &["-1"]),
    (Type::Sint64, &["0", "-1"]),
    (Type::Fixed32, &["7"]),
    (Type::Fixed64, &["8"]),
    (Type::Sfixed32, &["9"]),
    (Type::Sfixed64, &["-10"]),
    (Type::Bool, &["true", "false"]),
    (
        Type::String,
        &[
            "a \"b\" \\ c\n\u{e9}",
            "",
            "'",
            "\u{0}\u{1}\t\r\u{7f}",
            "?\u{3f}/",
            "\\n",
            "0",
            "\u{1f980}7",
        ],
    ),
    (Type::Bytes, &["\\000\\377z", "", "\\\"\\'\\\\\\n\\r\\t", "\\0019", "\\303\\2511?"]),
];

/// Names in JSON that are not the usual ones.
pub(super) const JSON: &[&str] =
    &["json", "@type", "a b", "\u{65e5}\u{672c}", "q\"uote", "", "[x]"];

/// Texts for options.
pub(super) const TEXTS: &[&str] = &["", "example.com/shop", "a\"b\\c", "\u{e9}\n", "Shop.V1"];
