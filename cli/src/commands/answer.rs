//! `qloom answer`: sentences that answer questions.

use std::path::{Path, PathBuf};

use qloom::learn::{AnswerRules, AnswerSelector, FeatureSource, LabelledModelFile, Question, SelectionScore, wilson_interval};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::{files, labelled_fit, table};

/// Choose, for each question, the sentence that answers it, by rules, and score the choices.
///
/// The file is JSON Lines: {"question": ..., "candidates": [...], "answers": [places of the right ones], "topic": ...}. Sentences gain by rare
/// words that they share with the question and by having what it asks for (a person, a date, a place, a number, a reason). Choices are made
/// three times: without topics; with the topics of the file, where all questions have one; and with those that a model of qloom train
/// tells, where it is given. A topic has its own rare words and, with --lexicon, words of its own.
///
/// For example: qloom answer candidates.jsonl --model runs/questions --lexicon lexicon.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The JSON Lines file of questions with candidates; - is standard input.
    file: PathBuf,
    /// A model of questions, or the run folder that has it: it tells each question's topic.
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,
    /// A JSON file of rules: {"topics": {"MUSIC": ["song", ...]}, "expected": 0.15, "lexicon": 0.05}.
    #[arg(long, value_name = "FILE.json")]
    lexicon: Option<PathBuf>,
    /// Write the choices as CSV.
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// A score with Wilson's 95 % interval of its accuracy.
#[derive(Serialize)]
struct Scored {
    #[serde(flatten)]
    score: SelectionScore,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_interval: Option<(f64, f64)>,
}

impl Scored {
    fn new(score: SelectionScore) -> Self {
        let confidence_interval = (score.questions > 0).then(|| wilson_interval(score.right, score.questions));
        Self { score, confidence_interval }
    }

    fn text(&self) -> String {
        let (low, high) = self.confidence_interval.unwrap_or((0.0, 1.0));
        let SelectionScore { accuracy, mrr, .. } = self.score;
        format!("accuracy {accuracy:.4} ({low:.4} to {high:.4}), mean reciprocal rank {mrr:.4}")
    }
}

/// What the command prints.
#[derive(Serialize)]
struct AnswerReport {
    questions: usize,
    /// Questions whose answers are known.
    scored: usize,
    no_topics: Scored,
    #[serde(skip_serializing_if = "Option::is_none")]
    true_topics: Option<Scored>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicted_topics: Option<Scored>,
    /// The share of topics that the model tells right, where both are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_accuracy: Option<f64>,
}

impl Report for AnswerReport {
    fn text(&self) -> String {
        let mut rows = vec![
            ("questions", format!("{}, {} with known answers", self.questions, self.scored)),
            ("no topics", self.no_topics.text()),
        ];
        if let Some(scored) = &self.true_topics {
            rows.push(("true topics", scored.text()));
        }
        if let Some(scored) = &self.predicted_topics {
            rows.push(("predicted topics", scored.text()));
        }
        if let Some(share) = self.topic_accuracy {
            rows.push(("topics told right", format!("{share:.4}")));
        }
        output::pairs(&rows)
    }
}

/// A line of the table of choices.
#[derive(Serialize)]
struct Choice<'a> {
    question: &'a str,
    topics: &'static str,
    topic: &'a str,
    choice: usize,
    right: Option<bool>,
    sentence: &'a str,
}

/// The questions of a file.
fn questions(text: &str, file: &str) -> Result<Vec<Question>, Failure> {
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("{file}, line {}", number + 1);
        let question: Question = serde_json::from_str(line).or_input(&place)?;
        if question.candidates.is_empty() {
            return Err(Failure::input(format!("{place}: the question has no candidates; give one at least")));
        }
        if let Some(answer) = question.answers.iter().find(|answer| **answer >= question.candidates.len()) {
            let last = question.candidates.len() - 1;
            return Err(Failure::input(format!("{place}: answer {answer} is no candidate; they are numbered 0 to {last}")));
        }
        all.push(question);
    }
    if all.is_empty() {
        return Err(Failure::input(format!("{file} is empty; it has a JSON object a line")));
    }
    Ok(all)
}

/// The topic that a model tells of each question.
fn predicted(path: &Path, questions: &[Question]) -> Result<Vec<String>, Failure> {
    let path = if path.is_dir() { path.join("model.json") } else { path.to_owned() };
    let place = format!("{} is not a model of questions", path.display());
    let model = LabelledModelFile::from_json(&files::read_text(&path)?).or_input(&place)?;
    let FeatureSource::Questions(terms) = &model.source else {
        return Err(Failure::input(format!("{place}: it reads tables; train one on questions")));
    };
    let asked: Vec<String> = questions.iter().map(|question| question.question.clone()).collect();
    let told = model.predict(&terms.apply(&asked).or_input(&place)?, labelled_fit::config()).or_input(&place)?;
    Ok(told.into_iter().map(|class| model.classes[class].clone()).collect())
}

/// Scores the choices with some topics, and notes them.
fn score<'a>(
    rules: &AnswerRules,
    questions: &'a [Question],
    (name, topics): (&'static str, Option<&'a [String]>),
    choices: &mut Vec<Choice<'a>>,
) -> Scored {
    let selector = AnswerSelector::new(rules, questions, topics);
    for (place, question) in questions.iter().enumerate() {
        let topic = topics.map(|topics| topics[place].as_str());
        let choice = selector.ranking(question, topic)[0];
        choices.push(Choice {
            question: &question.question,
            topics: name,
            topic: topic.unwrap_or_default(),
            choice,
            right: (!question.answers.is_empty()).then(|| question.answers.contains(&choice)),
            sentence: &question.candidates[choice],
        });
    }
    Scored::new(selector.score(questions, topics))
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = arguments.file.display().to_string();
    let questions = questions(&files::read_text(&arguments.file)?, &file)?;
    let rules = match &arguments.lexicon {
        None => AnswerRules::default(),
        Some(path) => serde_json::from_str(&files::read_text(path)?).or_input(path.display())?,
    };
    let known: Option<Vec<String>> = questions.iter().map(|question| question.topic.clone()).collect();
    let told = arguments.model.as_deref().map(|path| predicted(path, &questions)).transpose()?;
    let mut choices = Vec::new();
    let mut scored = |name, topics| score(&rules, &questions, (name, topics), &mut choices);
    let report = AnswerReport {
        questions: questions.len(),
        scored: questions.iter().filter(|question| !question.answers.is_empty()).count(),
        no_topics: scored("none", None),
        true_topics: known.as_deref().map(|topics| scored("true", Some(topics))),
        predicted_topics: told.as_deref().map(|topics| scored("predicted", Some(topics))),
        topic_accuracy: known.as_deref().zip(told.as_deref()).map(|(known, told)| {
            known.iter().zip(told).filter(|(known, told)| known == told).count() as f64 / known.len() as f64
        }),
    };
    if let Some(path) = &arguments.out {
        files::write_whole(path, &table::write(&choices)?)?;
    }
    output::report(arguments.json, &report)
}
