//! A plot of lines as SVG, readable on light and on dark pages: no background, and colours of medium lightness.

use std::{error::Error, path::Path};

use plotters::{
    coord::ranged1d::{AsRangedCoord, ValueFormatter},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

const SIZE: (u32, u32) = (860, 460);
/// Room for the names of the lines.
const LEGEND: u32 = 200;
/// Readable on white (4.6 : 1) and on black (4.6 : 1).
const INK: RGBColor = RGBColor(0x76, 0x76, 0x76);

/// A line: its name, its colour, its points by x.
pub struct Line {
    pub name: String,
    pub color: usize,
    pub points: Vec<(f64, f64)>,
}

/// Told apart by lightness and hue on both grounds.
const COLORS: [RGBColor; 11] = [
    RGBColor(0xd9, 0x48, 0x1c),
    RGBColor(0xe0, 0x8a, 0x2b),
    RGBColor(0x2f, 0x7f, 0xd6),
    RGBColor(0x12, 0x9a, 0x8c),
    RGBColor(0x8a, 0x5c, 0xd6),
    RGBColor(0xc2, 0x4a, 0x9b),
    RGBColor(0x4f, 0x9a, 0x2e),
    RGBColor(0x9a, 0x7b, 0x1f),
    RGBColor(0x5f, 0x7d, 0x95),
    RGBColor(0x76, 0x76, 0x76),
    RGBColor(0xa0, 0xa0, 0xa0),
];

/// Draws the lines. A logarithmic axis of x begins at its first point; y is logarithmic where its values are far apart.
pub fn draw(path: &Path, title: &str, x: &str, y: &str, lines: &[Line], log_x: bool) -> Result<(), Box<dyn Error>> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let range = |of: fn(&(f64, f64)) -> f64| {
        points().map(of).fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)))
    };
    let ((x_least, x_most), (y_least, y_most)) = (range(|point| point.0), range(|point| point.1));
    if points().count() == 0 {
        return Ok(());
    }
    let log_y = y_least > 0.0 && y_most / y_least > 8.0;
    let (bottom, top) = if log_y { (y_least / 1.5, y_most * 1.5) } else { (0.0, (y_most * 1.1).max(1e-9)) };
    match (log_x, log_y) {
        (true, true) => chart(path, title, x, y, lines, (x_least..x_most).log_scale(), (bottom..top).log_scale()),
        (true, false) => chart(path, title, x, y, lines, (x_least..x_most).log_scale(), bottom..top),
        (false, true) => chart(path, title, x, y, lines, x_least..x_most, (bottom..top).log_scale()),
        (false, false) => chart(path, title, x, y, lines, x_least..x_most, bottom..top),
    }
}

fn chart<X, Y>(
    path: &Path,
    title: &str,
    x: &str,
    y: &str,
    lines: &[Line],
    x_axis: X,
    y_axis: Y,
) -> Result<(), Box<dyn Error>>
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    let (plane, legend) = root.split_horizontally(SIZE.0 - LEGEND);
    let text = |size: i32| ("sans-serif", size).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&plane)
        .caption(title, text(18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(x_axis, y_axis)?;
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc(y)
        .axis_style(INK)
        .bold_line_style(INK.mix(0.25))
        .max_light_lines(0)
        .label_style(text(13))
        .axis_desc_style(text(14))
        .x_label_formatter(&|value| number(*value))
        .y_label_formatter(&|value| number(*value))
        .draw()?;
    for (place, line) in lines.iter().enumerate() {
        let color = COLORS[line.color % COLORS.len()];
        // This framework's lines are the first ones, and wider.
        let style = color.stroke_width(if line.color < 2 { 3 } else { 2 });
        chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
        chart.draw_series(line.points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
        let height = 56 + 22 * place as i32;
        legend.draw(&PathElement::new(vec![(6, height), (28, height)], style))?;
        let name = text(13).pos(Pos::new(HPos::Left, VPos::Center));
        legend.draw(&Text::new(line.name.clone(), (34, height), name))?;
    }
    root.present()?;
    Ok(())
}

fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 10.0 => format!("{value:.0}"),
        middle if middle >= 1.0 => format!("{value:.1}").trim_end_matches(".0").to_owned(),
        zero if zero < 1e-9 => "0".to_owned(),
        _ => format!("{value:.2}"),
    }
}
