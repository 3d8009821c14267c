//! The drawing of a sequence.

use std::fmt::{Display, Write};

use super::{Row, Sequence};

/// The height of a row, and of the names above them.
const ROW: usize = 36;
const TOP: usize = 40;
/// The width of a letter, generously.
const LETTER: usize = 8;

impl Sequence {
    /// The drawing, with no empty line in it: Markdown would take it for the end.
    pub fn svg(&self, name: &str) -> String {
        let (gap, margin) = (self.gap(), self.margin());
        let x = |actor: usize| margin + actor * gap;
        let width = x(self.actors.len() - 1) + margin;
        let height = TOP + ROW * self.rows.len() + ROW / 2;
        let mut svg = Svg(String::new());
        svg.line(format_args!(
            r#"<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">"#
        ));
        svg.line(format_args!("<title>{name}: {}</title>", escaped(&self.actors.join(", "))));
        svg.line(format_args!("<desc>{}</desc>", escaped(&self.log)));
        for (actor, name) in self.actors.iter().enumerate() {
            svg.text("actor", x(actor), 20, name);
            svg.path("life", format_args!("M{} 30V{}", x(actor), height - 4));
        }
        for (index, row) in self.rows.iter().enumerate() {
            let y = TOP + ROW * index + ROW - 8;
            match row {
                Row::Message { from, to, text, .. } => {
                    let (from, to) = (x(*from), x(*to));
                    let (tip, back) = if from < to { (to - 1, to - 9) } else { (to + 1, to + 9) };
                    let (above, below) = (y - 4, y + 4);
                    svg.text("message", usize::midpoint(from, to), y - 7, text);
                    svg.path(
                        "arrow",
                        format_args!("M{from} {y}H{tip}M{back} {above}L{tip} {y}L{back} {below}"),
                    );
                }
                Row::Note { actor, text } => {
                    // Towards the middle, so that it stays within the drawing.
                    let width = letters(text) * LETTER + 20;
                    let right = *actor == self.actors.len() - 1;
                    let left = if right { x(*actor) + 14 - width } else { x(*actor) - 14 };
                    let top = y - 18;
                    svg.line(format_args!(
                        r#"<rect x="{left}" y="{top}" width="{width}" height="24" rx="4"/>"#
                    ));
                    svg.text("note", left + width / 2, y - 1, text);
                }
                Row::More => svg.text("more", width / 2, y - 4, "⋮"),
            }
        }
        svg.line("</svg>");
        svg.0
    }

    /// Between two lines, so that the widest text fits.
    fn gap(&self) -> usize {
        let widths = self.rows.iter().map(|row| match row {
            Row::Message { from, to, text, .. } => {
                (letters(text) * LETTER + 40) / from.abs_diff(*to).max(1)
            }
            Row::Note { text, .. } => letters(text) * LETTER + 20,
            Row::More => 0,
        });
        widths.max().unwrap_or(0).max(200)
    }

    fn margin(&self) -> usize {
        let names = self.actors.iter().map(|name| letters(name) * LETTER / 2 + 8);
        names.max().unwrap_or(0).max(40)
    }
}

struct Svg(String);

impl Svg {
    fn line(&mut self, element: impl Display) {
        writeln!(self.0, "{element}").expect("a string takes everything");
    }

    fn text(&mut self, class: &str, x: usize, y: usize, text: &str) {
        let text = escaped(text);
        self.line(format_args!(r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#));
    }

    fn path(&mut self, class: &str, path: impl Display) {
        self.line(format_args!(r#"<path class="{class}" d="{path}"/>"#));
    }
}

/// The width of a text, in letters; Chinese ones take two.
fn letters(text: &str) -> usize {
    text.chars().map(|it| if it >= '\u{1100}' && it.is_alphabetic() { 2 } else { 1 }).sum()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
