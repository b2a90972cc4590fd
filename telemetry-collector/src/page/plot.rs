//! Plots as SVG: lines over periods, bars of a distribution. They bring shapes alone; what they say stands in the figure around.
//!
//! Colours are those of the light scheme; the style sheet replaces each by its value for the dark one.

use std::error::Error;

use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// Width of a plot; a phone shows three quarters of it, so letters are of 15.
pub(super) const WIDTH: u32 = 420;
const LINES_HEIGHT: u32 = 250;
const BAR_HEIGHT: u32 = 26;
/// Room for the names of bars.
const NAME_WIDTH: i32 = 160;
/// Room for the numbers of bars.
const NUMBER_WIDTH: i32 = 64;
/// Letters of a name that fit there.
const NAME_LETTERS: usize = 19;
const LETTER: i32 = 15;
/// Names of periods below lines: as many as have room.
const MOST_LABELS: usize = 3;

const INK: RGBColor = RGBColor(0x4A, 0x52, 0x5C);
const GRID: RGBColor = RGBColor(0xD3, 0xD8, 0xDE);
const GROUND: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Told apart by hue, each with a contrast of more than 3 to the ground.
const SERIES: [RGBColor; 8] = [
    RGBColor(0x0B, 0x5F, 0xA5),
    RGBColor(0xB3, 0x42, 0x0B),
    RGBColor(0x1B, 0x7A, 0x4B),
    RGBColor(0x8A, 0x3F, 0xA0),
    RGBColor(0x8A, 0x6A, 0x00),
    RGBColor(0x0B, 0x7C, 0x86),
    RGBColor(0xB0, 0x24, 0x6B),
    RGBColor(0x5A, 0x64, 0x70),
];

/// Lines in one plot: as many as there are colours.
pub(super) const MOST_LINES: usize = SERIES.len();

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) low: f64,
    pub(super) value: f64,
    pub(super) high: f64,
    /// Whether it cannot change any more.
    pub(super) is_final: bool,
}

/// One line: a point for each period, or none where there is no figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) points: Vec<Option<Point>>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) point: Point,
}

/// The inside of an SVG, with its height; its width is [`WIDTH`].
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) height: u32,
    pub(super) shapes: String,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn drawn(height: u32, paint: impl FnOnce(&Area<'_>) -> Result<(), Box<dyn Error>>) -> Option<Drawn> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        paint(&area).and_then(|()| Ok(area.present()?)).ok()?;
    }
    // The element around is the figure's: it has a name.
    let (_, inside) = text.split_once('>')?;
    let shapes = inside.trim_end().strip_suffix("</svg>")?.to_owned();
    Some(Drawn { height, shapes })
}

fn text_style(place: Pos) -> TextStyle<'static> {
    ("sans-serif", LETTER).into_font().color(&INK).pos(place)
}

fn as_x(place: usize) -> f64 {
    f64::from(u32::try_from(place).unwrap_or(u32::MAX))
}

/// Lines over periods; at most [`MOST_LINES`]. `None` where there is nothing to draw.
pub(super) fn lines(labels: &[String], series: &[Series]) -> Option<Drawn> {
    let points = || series.iter().flat_map(|one| &one.points).flatten();
    if labels.is_empty() || points().next().is_none() {
        return None;
    }
    let most = points().map(|point| point.high).fold(1.0, f64::max);
    drawn(LINES_HEIGHT, |area| {
        let last = as_x(labels.len().saturating_sub(1).max(1));
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .margin_right(40)
            .x_label_area_size(26)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..last, 0.0..most * 1.08)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(0)
            .y_labels(5)
            .max_light_lines(0)
            .axis_style(INK)
            .bold_line_style(GRID)
            .label_style(text_style(Pos::new(HPos::Center, VPos::Top)))
            .y_label_formatter(&|value| axis_number(*value))
            .draw()?;
        for (place, label) in labels.iter().enumerate().step_by(labels.len().div_ceil(MOST_LABELS)) {
            let (x, y) = chart.backend_coord(&(as_x(place), 0.0));
            area.draw(&Text::new(label.clone(), (x, y + 8), text_style(Pos::new(HPos::Center, VPos::Top))))?;
        }
        for (one, color) in series.iter().zip(SERIES) {
            let placed: Vec<_> = one.points.iter().enumerate().map(|(place, point)| (as_x(place), *point)).collect();
            // A line ends where there is no figure, and begins anew behind it.
            for run in placed.chunk_by(|a, b| a.1.is_some() == b.1.is_some()) {
                let known = run.iter().filter_map(|(place, point)| point.map(|point| (*place, point.value)));
                chart.draw_series(LineSeries::new(known, color.stroke_width(2)))?;
            }
            for (place, point) in placed.iter().filter_map(|(place, point)| point.map(|point| (*place, point))) {
                if point.high > point.low {
                    chart.draw_series([PathElement::new(vec![(place, point.low), (place, point.high)], color)])?;
                }
                let inside = if point.is_final { color } else { GROUND };
                chart.draw_series([Circle::new((place, point.value), 3, inside.filled())])?;
                chart.draw_series([Circle::new((place, point.value), 3, color.stroke_width(2))])?;
            }
        }
        Ok(())
    })
}

/// Bars, one below the other. `None` where there is nothing to draw.
pub(super) fn bars(bars: &[Bar]) -> Option<Drawn> {
    let most = bars.iter().map(|bar| bar.point.high).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let height = BAR_HEIGHT.saturating_mul(u32::try_from(bars.len()).unwrap_or(1)).saturating_add(8);
    drawn(height, |area| {
        let room = f64::from(i32::try_from(WIDTH).unwrap_or(NAME_WIDTH) - NAME_WIDTH - NUMBER_WIDTH);
        let x = |value: f64| NAME_WIDTH + (room * value / most).round() as i32;
        let color = *SERIES.first().unwrap_or(&INK);
        for (bar, row) in bars.iter().zip(0..) {
            let (top, Point { low, value, high, .. }) = (4 + row * BAR_HEIGHT.cast_signed(), bar.point);
            let middle = top + BAR_HEIGHT.cast_signed() / 2;
            let name = shortened(&bar.name);
            area.draw(&Text::new(name, (NAME_WIDTH - 8, middle), text_style(Pos::new(HPos::Right, VPos::Center))))?;
            area.draw(&Rectangle::new([(NAME_WIDTH, top + 4), (x(value), top + 22)], color.filled()))?;
            if high > low {
                area.draw(&PathElement::new(vec![(x(low), middle), (x(high), middle)], INK.stroke_width(2)))?;
            }
            let number = Text::new(
                format!("{value:.0}"),
                (x(high.max(value)) + 6, middle),
                text_style(Pos::new(HPos::Left, VPos::Center)),
            );
            area.draw(&number)?;
        }
        Ok(())
    })
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_LETTERS {
        return name.to_owned();
    }
    name.chars().take(NAME_LETTERS - 1).chain(['…']).collect()
}

/// Whole numbers alone: nothing here is counted in halves.
fn axis_number(value: f64) -> String {
    let thousands = value / 1e3;
    match value {
        value if value >= 1e6 => format!("{}M", value / 1e6),
        value if value >= 1e4 && thousands.fract() == 0.0 => format!("{thousands:.0}k"),
        value if value.fract().abs() < 1e-9 => format!("{value:.0}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(value: f64) -> Point {
        Point { low: value, value, high: value, is_final: true }
    }

    #[test]
    fn a_line_is_broken_where_there_is_no_figure() {
        let labels: Vec<String> = (1..=5).map(|day| format!("2026-06-0{day}")).collect();
        let all = vec![Some(point(1.0)), Some(point(3.0)), None, Some(point(2.0)), Some(point(0.0))];
        let series = [Series { name: "a".to_owned(), points: all }];
        let drawn = lines(&labels, &series).unwrap();
        let color = "stroke=\"#0B5FA5\"";
        let polylines = drawn.shapes.lines().filter(|line| line.starts_with("<polyline") && line.contains(color));
        assert_eq!(polylines.count(), 2, "{}", drawn.shapes);
        assert_eq!(drawn.shapes.matches("<circle").count(), 2 * 4);
        assert!(!drawn.shapes.contains("<svg") && drawn.shapes.contains("2026-06-01"));
    }

    #[test]
    fn what_is_drawn_is_escaped_and_bounded() {
        let name = "<script>alert(1)</script> and much more of it";
        let one = Bar { name: name.to_owned(), point: point(5.0) };
        let drawn = bars(&[one.clone(), one]).unwrap();
        assert!(!drawn.shapes.contains("<script") && drawn.shapes.contains("&lt;script&gt;"), "{}", drawn.shapes);
        assert!(drawn.shapes.contains('…') && drawn.height == 2 * BAR_HEIGHT + 8);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(lines(&[], &[]).is_none() && bars(&[]).is_none());
        let empty = Series { name: "a".to_owned(), points: vec![None] };
        assert!(lines(&["2026-06".to_owned()], &[empty]).is_none());
        let one = Series { name: "a".to_owned(), points: vec![Some(point(0.0))] };
        assert!(lines(&["2026-06".to_owned()], &[one]).is_some(), "a single period is drawn");
    }
}
