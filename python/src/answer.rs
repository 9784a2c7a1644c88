//! Choosing the sentence that answers a question.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::learn::{self, AnswerRules, AnswerType, Question};

use crate::error;
use crate::kernel::{dictionary, json};

/// Chooses sentences: those gain most that share rare words with the question and hold what it asks for.
///
/// A question is a dictionary of `question`, `candidates`, a list of sentences, and `answers`, the places of the right ones where they are
/// known. `rules` is a dictionary of expected (what is gained by holding what the question asks for, 0.15), lexicon (what by a word of the
/// topic, 0.05) and topics, lists of words by topic. With `topics`, one a question, words are counted topic by topic.
///
/// >>> from qloom import AnswerSelector
/// >>> question = {
/// ...     "question": "When was the tower built?",
/// ...     "candidates": ["It rained in Paris.", "The tower was built in 1889.", "The tower is tall."],
/// ...     "answers": [1],
/// ... }
/// >>> AnswerSelector([question]).ranking(question)
/// [1, 2, 0]
#[pyclass(frozen, module = "qloom")]
pub struct AnswerSelector {
    inner: learn::AnswerSelector,
    arguments: Py<PyTuple>,
}

fn read<T: serde::de::DeserializeOwned>(what: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    serde_json::from_str(&json(value)?).map_err(|error| error::learn(format!("{what}: {error}")))
}

/// A topic for each question, if there are any.
fn fitting(questions: &[Question], topics: Option<&[String]>) -> PyResult<()> {
    match topics {
        Some(topics) if topics.len() != questions.len() => {
            let (given, expected) = (topics.len(), questions.len());
            Err(error::input(format!("{given} topics for {expected} questions; give each one")))
        }
        Some(_) | None => Ok(()),
    }
}

#[pymethods]
impl AnswerSelector {
    #[new]
    #[pyo3(signature = (questions, rules=None, topics=None))]
    fn new(
        py: Python<'_>,
        questions: Bound<'_, PyAny>,
        rules: Option<Bound<'_, PyAny>>,
        topics: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let list: Vec<Question> = read("questions", &questions)?;
        let weighed: AnswerRules = rules.as_ref().map_or(Ok(AnswerRules::default()), |rules| read("rules", rules))?;
        fitting(&list, topics.as_deref())?;
        let inner = learn::AnswerSelector::new(&weighed, &list, topics.as_deref());
        Ok(Self { inner, arguments: (questions, rules, topics).into_pyobject(py)?.unbind() })
    }

    /// A number for each candidate: 1 where all words of the question are shared, and what else counts.
    #[pyo3(signature = (question, topic=None))]
    fn scores(&self, question: &Bound<'_, PyAny>, topic: Option<&str>) -> PyResult<Vec<f64>> {
        Ok(self.inner.scores(&read("the question", question)?, topic))
    }

    /// The places of the candidates, the best first.
    #[pyo3(signature = (question, topic=None))]
    fn ranking(&self, question: &Bound<'_, PyAny>, topic: Option<&str>) -> PyResult<Vec<usize>> {
        Ok(self.inner.ranking(&read("the question", question)?, topic))
    }

    /// How well the first choices are: questions with answers, how many were chosen right, accuracy and mean reciprocal rank.
    #[pyo3(signature = (questions, topics=None))]
    fn score<'py>(
        &self,
        py: Python<'py>,
        questions: &Bound<'py, PyAny>,
        topics: Option<Vec<String>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let list: Vec<Question> = read("questions", questions)?;
        fitting(&list, topics.as_deref())?;
        let score = self.inner.score(&list, topics.as_deref());
        dictionary(py, serde_json::to_string(&score).map_err(error::learn)?)
    }

    /// What a question asks for: person, date, place, number, reason or other.
    #[staticmethod]
    fn asks_for(question: &str) -> PyResult<String> {
        let kind = serde_json::to_value(AnswerType::of(question)).map_err(error::learn)?;
        Ok(kind.as_str().unwrap_or_default().to_owned())
    }

    fn __repr__(&self) -> &'static str {
        "<AnswerSelector>"
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, Bound<'py, PyTuple>) {
        (slf.get_type().into_any(), slf.get().arguments.bind(slf.py()).clone())
    }
}
