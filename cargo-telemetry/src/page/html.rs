//! A page as one HTML file: style inline, no script, no request to anywhere.

use super::document::{Block, Document, Inline, Line};

/// Colours reach the contrast that WCAG 2 asks for at level AA, in light and dark; `scripts/page-check` measures it.
const STYLE: &str = include_str!("style.css");

pub(super) fn render(document: &Document) -> String {
    let title = escape(&document.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to content</a>\n<main id=\"main\">\n<h1>{title}</h1>\n"
    );
    for block in &document.blocks {
        push_block(&mut out, block);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn push_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading { level, anchor, text } => {
            let link = format!("<a class=\"here\" href=\"#{anchor}\" aria-label=\"Link to this section\">#</a>");
            out.push_str(&format!("<h{level} id=\"{anchor}\">{} {link}</h{level}>\n", line(text)));
        }
        Block::Paragraph(text) => out.push_str(&format!("<p>{}</p>\n", line(text))),
        Block::Note(text) => out.push_str(&format!("<p class=\"note\">{}</p>\n", line(text))),
        Block::List(items) => {
            out.push_str("<ul>\n");
            items.iter().for_each(|item| out.push_str(&format!("<li>{}</li>\n", line(item))));
            out.push_str("</ul>\n");
        }
        Block::Facts(facts) => {
            out.push_str("<dl>\n");
            for (name, text) in facts {
                out.push_str(&format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), line(text)));
            }
            out.push_str("</dl>\n");
        }
        Block::Table { head, rows } => push_table(out, head, rows),
        Block::Listing { caption, text } => out.push_str(&format!(
            "<figure>\n<figcaption>{}</figcaption>\n<pre><code>{}</code></pre>\n</figure>\n",
            line(caption),
            escape(text)
        )),
        Block::Contents { label, items } => {
            out.push_str(&format!("<nav aria-label=\"{}\">\n<ul>\n", escape(label)));
            for (anchor, text) in items {
                out.push_str(&format!("<li><a href=\"#{anchor}\">{}</a></li>\n", line(text)));
            }
            out.push_str("</ul>\n</nav>\n");
        }
    }
}

/// On narrow screens rows become blocks and each cell shows the head of its column. The roles keep the table a table for
/// screen readers when the style takes its display away.
fn push_table(out: &mut String, head: &[&str], rows: &[Vec<Line>]) {
    out.push_str("<table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">");
    for name in head {
        out.push_str(&format!("<th role=\"columnheader\" scope=\"col\">{}</th>", escape(name)));
    }
    out.push_str("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for row in rows {
        out.push_str("<tr role=\"row\">");
        for (number, (cell, name)) in row.iter().zip(head).enumerate() {
            let label = escape(name);
            let text = line(cell);
            out.push_str(&if number == 0 {
                format!("<th role=\"rowheader\" scope=\"row\">{text}</th>")
            } else {
                format!("<td role=\"cell\" data-label=\"{label}\">{text}</td>")
            });
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn line(line: &Line) -> String {
    let mut out = String::new();
    for inline in &line.0 {
        match inline {
            Inline::Text(text) => out.push_str(&escape(text)),
            Inline::Code(text) => out.push_str(&format!("<code>{}</code>", escape(text))),
            Inline::Strong(text) => out.push_str(&format!("<strong>{}</strong>", escape(text))),
            Inline::Link { text, to } => {
                out.push_str(&format!("<a href=\"{}\" rel=\"noreferrer\">{}</a>", escape(to), escape(text)));
            }
        }
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            char => out.push(char),
        }
    }
    out
}
