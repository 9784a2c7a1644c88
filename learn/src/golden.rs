//! Numbers of other packages that tests compare with.

use serde_json::Value;

/// What the scripts beside them made.
pub fn classify() -> Value {
    serde_json::from_str(include_str!("../tests/classify.json")).expect("JSON")
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// A list of lists of numbers.
pub fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().expect("rows").iter().map(numbers).collect()
}

/// A list of texts.
pub fn texts(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}
