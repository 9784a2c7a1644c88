//! Figures as SVG: every plot that a command writes.

use std::sync::Arc;

use kuva::prelude::{ColorMap, Heatmap, Layout, LinePlot, Plot, ScatterPlot, render_to_svg};

/// Points of one kind.
pub struct Series {
    /// What the legend says.
    pub name: String,
    /// Colour, as in HTML.
    pub color: &'static str,
    /// How the points are drawn.
    pub mark: Mark,
    /// The points; positive where their axis is logarithmic.
    pub points: Vec<(f64, f64)>,
}

/// How points are drawn.
#[derive(Clone, Copy)]
pub enum Mark {
    /// Dots of this radius, in pixels.
    Dots(f64),
    /// A line through them.
    Line,
}

/// Which axes are logarithmic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// None.
    Linear,
    /// The vertical one.
    LogY,
    /// Both.
    LogLog,
}

/// A plot with two axes.
pub struct Figure<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What the horizontal axis is.
    pub x_label: &'a str,
    /// What the vertical axis is.
    pub y_label: &'a str,
    /// Which axes are logarithmic.
    pub scale: Scale,
    /// What is drawn, the first at the bottom.
    pub series: Vec<Series>,
}

impl Figure<'_> {
    /// The figure as SVG; nothing without points.
    pub fn svg(self) -> String {
        if self.series.iter().all(|series| series.points.is_empty()) {
            return String::new();
        }
        let plots: Vec<Plot> = self
            .series
            .into_iter()
            .map(|Series { name, color, mark, points }| match mark {
                Mark::Dots(radius) => {
                    Plot::Scatter(ScatterPlot::new().with_data(points).with_color(color).with_size(radius).with_legend(name))
                }
                Mark::Line => Plot::Line(LinePlot::new().with_data(points).with_color(color).with_legend(name)),
            })
            .collect();
        let mut layout = Layout::auto_from_plots(&plots);
        layout = match self.scale {
            Scale::Linear => layout,
            Scale::LogY => layout.with_log_y(),
            Scale::LogLog => layout.with_log_y().with_log_x(),
        };
        let layout = layout.with_title(self.title).with_x_label(self.x_label).with_y_label(self.y_label);
        render_to_svg(plots, layout)
    }
}

/// From white to a blue on which black is read, as 0 to 1.
fn light_blue(part: f64) -> String {
    let channel = |end: f64| (255.0 + (end - 255.0) * part.clamp(0.0, 1.0)).round() as u8;
    format!("rgb({},{},{})", channel(107.0), channel(174.0), channel(214.0))
}

/// A matrix drawn as coloured cells: with names the first row on top, without them rows numbered from below.
pub struct Grid<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// The matrix, row by row.
    pub values: Vec<Vec<f64>>,
    /// Names of both rows and columns; without any both are numbered rows.
    pub names: Vec<String>,
    /// Whether each cell has its number.
    pub numbers: bool,
}

impl Grid<'_> {
    /// The figure as SVG; nothing of an empty matrix.
    pub fn svg(self) -> String {
        if self.values.is_empty() {
            return String::new();
        }
        let whole = self.values.iter().flatten().all(|value| value.fract() == 0.0);
        let (mut values, mut names) = (self.values, self.names.clone());
        if !names.is_empty() {
            // rows and vertical names are drawn from below
            values.reverse();
            names.reverse();
        }
        let rows = values.len();
        let mut map = Heatmap::new().with_data(values);
        if self.numbers {
            // light cells, on which black numbers are read
            map = map.with_values().with_color_map(ColorMap::Custom(Arc::new(light_blue)));
        }
        let plots = vec![Plot::Heatmap(map)];
        let mut layout = Layout::auto_from_plots(&plots).with_title(self.title);
        if !names.is_empty() {
            layout = layout.with_x_categories(self.names).with_y_categories(names);
            layout = layout.with_x_label("told as").with_y_label("label");
        } else {
            // cells are drawn around whole numbers
            let end = rows as f64 + 0.5;
            layout = layout.with_x_axis_max(end).with_y_axis_max(end).with_x_label("row").with_y_label("row");
        }
        let svg = render_to_svg(plots, layout);
        if whole { svg.replace(".00</text>", "</text>") } else { svg }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_is_drawn() {
        let figure = |points: Vec<(f64, f64)>| Figure {
            title: "a title",
            x_label: "crossings",
            y_label: "error",
            scale: Scale::LogLog,
            series: vec![Series { name: "echo".into(), color: "#444", mark: Mark::Dots(2.0), points }],
        };
        let svg = figure(vec![(1.0, 0.1), (10.0, 0.5)]).svg();
        for part in ["<svg", "a title", "crossings", "echo"] {
            assert!(svg.contains(part), "{part}");
        }
        assert_eq!(figure(vec![]).svg(), "");
    }

    /// Where a text stands in a picture: its horizontal and vertical place.
    fn place(svg: &str, text: &str) -> (f64, f64) {
        let end = svg.find(&format!(">{text}</text>")).unwrap_or_else(|| panic!("{text} in {svg}"));
        let tag = &svg[svg[..end].rfind("<text").expect("a tag")..end];
        let number = |name: &str| -> f64 {
            let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} in {tag}"));
            rest.split('"').next().and_then(|number| number.parse().ok()).expect("a number")
        };
        (number("x"), number("y"))
    }

    #[test]
    fn named_rows_stand_beside_their_names() {
        let values = vec![vec![11.0, 12.0, 13.0], vec![21.0, 22.0, 23.0], vec![31.0, 32.0, 33.0]];
        let names = ["first", "second", "third"].map(str::to_owned).to_vec();
        let svg = Grid { title: "t", values, names, numbers: true }.svg();
        for (row, name) in ["first", "second", "third"].iter().enumerate() {
            for column in 1..=3 {
                let (_, number) = place(&svg, &format!("{}{column}", row + 1));
                // names of columns come first in the picture or last: the one at the left is that of the row
                let heights: Vec<f64> = svg
                    .match_indices(&format!(">{name}</text>"))
                    .map(|(end, _)| place(&svg[svg[..end].rfind("<text").expect("a tag")..], name).1)
                    .collect();
                assert!(heights.iter().any(|height| (height - number).abs() < 20.0), "{name} at {heights:?}, number at {number}");
            }
        }
        assert!(place(&svg, "11").1 < place(&svg, "31").1, "the first row is on top");
        assert!(place(&svg, "11").0 < place(&svg, "13").0);
    }
}
