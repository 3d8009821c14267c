//! Tables on a terminal, which are also tables in Markdown.

use crate::rounds::Spread;

/// Prints the rows, each column as wide as it must be. The first column is text, the others are
/// figures.
pub(crate) fn print<const N: usize>(title: &str, head: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or_default()
    };
    let line = |cell: &dyn Fn(usize) -> String| {
        let cells: Vec<_> = (0..N)
            .map(|column| match (cell(column), width(column)) {
                (cell, width) if column == 0 => format!("{cell:<width$}"),
                (cell, width) => format!("{cell:>width$}"),
            })
            .collect();
        println!("| {} |", cells.join(" | "));
    };
    println!("\n{title}\n");
    line(&|column| head[column].to_owned());
    line(&|column| match width(column) {
        width if column == 0 => "-".repeat(width),
        width => format!("{}:", "-".repeat(width - 1)),
    });
    for row in rows {
        line(&|column| row[column].clone());
    }
}

/// The middle and the spread, with so many decimals.
pub(crate) fn spread(it: Spread, decimals: usize) -> [String; 2] {
    [
        grouped(it.median, decimals),
        format!("{}–{}", grouped(it.p10, decimals), grouped(it.p90, decimals)),
    ]
}

/// The same as one cell, for a ratio.
pub(crate) fn ratio(it: Spread) -> String {
    format!("{:.2} ({:.2}–{:.2})", it.median, it.p10, it.p90)
}

/// A figure with its thousands apart.
pub(crate) fn grouped(figure: f64, decimals: usize) -> String {
    let text = format!("{figure:.decimals$}");
    let whole = text.split('.').next().map_or(0, str::len);
    let mut grouped = String::new();
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && at < whole && (whole - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
