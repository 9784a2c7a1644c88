//! Figures as SVG: every plot that a command writes.

use kuva::prelude::{Heatmap, Layout, LinePlot, Plot, ScatterPlot, render_to_svg};

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

/// A matrix drawn as coloured cells, the first row on top.
pub struct Grid<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// The matrix, row by row.
    pub values: Vec<Vec<f64>>,
    /// Names of both rows and columns; none are written without.
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
        let mut map = Heatmap::new().with_data(self.values);
        if self.numbers {
            map = map.with_values();
        }
        let plots = vec![Plot::Heatmap(map)];
        let mut layout = Layout::auto_from_plots(&plots).with_title(self.title);
        if !self.names.is_empty() {
            // vertical categories are named from below
            layout = layout.with_x_categories(self.names.clone()).with_y_categories(self.names.into_iter().rev().collect());
            layout = layout.with_x_label("told as").with_y_label("label");
        }
        render_to_svg(plots, layout)
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
}
