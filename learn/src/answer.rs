//! Choosing the sentence that answers a question, by rules.

mod expected;

pub use expected::AnswerType;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::text::words;

/// A question with the sentences that may answer it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The question.
    pub question: String,
    /// The sentences.
    pub candidates: Vec<String>,
    /// Places, from 0, of those that answer it; empty where they are not known.
    #[serde(default)]
    pub answers: Vec<usize>,
    /// Its topic, where it is known.
    #[serde(default)]
    pub topic: Option<String>,
}

/// What counts in the choice, beside words in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerRules {
    /// What a sentence gains that has what the question asks for: a person, a date, a place, a number, a reason. Default 0.15.
    pub expected: f64,
    /// What a sentence gains for each word of its topic's lexicon, up to two. Default 0.05.
    pub lexicon: f64,
    /// Words of each topic.
    pub topics: BTreeMap<String, Vec<String>>,
}

impl Default for AnswerRules {
    fn default() -> Self {
        Self { expected: 0.15, lexicon: 0.05, topics: BTreeMap::new() }
    }
}

/// The most words of a lexicon that count.
const MOST_LEXICON: usize = 2;

/// Chooses sentences: those gain most that share rare words with the question and hold what it asks for.
///
/// A word counts `ln((1 + N) / (1 + n))` where n of N sentences have it; with topics only the sentences of the question's topic are counted, so
/// that a word which is common there says little, and the topic's lexicon helps. Words are compared without their usual endings.
///
/// ```
/// use qloom_learn::{AnswerRules, AnswerSelector, Question};
/// let candidates = ["It rained in Paris.", "The tower was built in 1889.", "The tower is tall."].map(String::from).to_vec();
/// let question = Question { question: "When was the tower built?".into(), candidates, answers: vec![1], topic: None };
/// let selector = AnswerSelector::new(&AnswerRules::default(), std::slice::from_ref(&question), None);
/// assert_eq!(selector.ranking(&question, None), [1, 2, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct AnswerSelector {
    rules: AnswerRules,
    /// Weights of words over all sentences, and over those of each topic.
    all: Weights,
    by_topic: BTreeMap<String, Weights>,
    /// Stems of each topic's lexicon.
    lexicons: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Clone, Debug, Default)]
struct Weights {
    sentences: usize,
    with: BTreeMap<String, usize>,
}

impl Weights {
    fn count(&mut self, sentence: &str) {
        self.sentences += 1;
        for stem in stems(sentence) {
            *self.with.entry(stem).or_default() += 1;
        }
    }

    fn of(&self, stem: &str) -> f64 {
        let with = self.with.get(stem).copied().unwrap_or_default();
        ((1.0 + self.sentences as f64) / (1.0 + with as f64)).ln()
    }
}

/// How well the first choices are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionScore {
    /// Questions whose answers are known.
    pub questions: usize,
    /// Those whose first choice is an answer.
    pub right: usize,
    /// The share of these.
    pub accuracy: f64,
    /// The mean of one over the rank of the first answer.
    pub mrr: f64,
}

impl AnswerSelector {
    /// Counts the words of the candidates of all questions; `topics` gives each question its topic.
    ///
    /// # Panics
    /// When there are topics, and not one for each question.
    #[track_caller]
    pub fn new(rules: &AnswerRules, questions: &[Question], topics: Option<&[String]>) -> Self {
        let (mut all, mut by_topic) = (Weights::default(), BTreeMap::<String, Weights>::new());
        for question in questions {
            question.candidates.iter().for_each(|sentence| all.count(sentence));
        }
        if let Some(topics) = topics {
            assert_eq!(topics.len(), questions.len(), "a topic for each question");
            for (question, topic) in questions.iter().zip(topics) {
                let weights = by_topic.entry(topic.clone()).or_default();
                question.candidates.iter().for_each(|sentence| weights.count(sentence));
            }
        }
        let lexicon =
            |(topic, list): (&String, &Vec<String>)| (topic.clone(), list.iter().flat_map(|word| stems(word)).collect());
        let lexicons = rules.topics.iter().map(lexicon).collect();
        Self { rules: rules.clone(), all, by_topic, lexicons }
    }

    /// What each candidate gains.
    pub fn scores(&self, question: &Question, topic: Option<&str>) -> Vec<f64> {
        let weights = topic.and_then(|topic| self.by_topic.get(topic)).unwrap_or(&self.all);
        let lexicon = topic.and_then(|topic| self.lexicons.get(topic));
        let asked = stems(&question.question);
        let whole: f64 = asked.iter().map(|stem| weights.of(stem)).sum::<f64>().max(f64::MIN_POSITIVE);
        let expected = AnswerType::of(&question.question);
        let score = |sentence: &String| {
            let has = stems(sentence);
            let shared: f64 = asked.intersection(&has).map(|stem| weights.of(stem)).sum();
            let mut score = shared / whole;
            if expected.is_in(sentence) {
                score += self.rules.expected;
            }
            if let Some(lexicon) = lexicon {
                score += self.rules.lexicon * has.intersection(lexicon).count().min(MOST_LEXICON) as f64;
            }
            score
        };
        question.candidates.iter().map(score).collect()
    }

    /// The candidates, the best first; of those that gain as much the first.
    pub fn ranking(&self, question: &Question, topic: Option<&str>) -> Vec<usize> {
        let scores = self.scores(question, topic);
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        order
    }

    /// How well the questions with known answers are answered; `topics` gives each question its topic.
    ///
    /// # Panics
    /// When there are topics, and not one for each question.
    #[track_caller]
    pub fn score(&self, questions: &[Question], topics: Option<&[String]>) -> SelectionScore {
        assert!(topics.is_none_or(|topics| topics.len() == questions.len()), "a topic for each question");
        let rank = |(place, question): (usize, &Question)| {
            let ranking = self.ranking(question, topics.map(|topics| topics[place].as_str()));
            let first = ranking.iter().position(|candidate| question.answers.contains(candidate));
            (!question.answers.is_empty()).then(|| first.map_or(f64::INFINITY, |first| first as f64 + 1.0))
        };
        let ranks: Vec<f64> = questions.iter().enumerate().filter_map(rank).collect();
        let right = ranks.iter().filter(|rank| **rank == 1.0).count();
        let count = ranks.len().max(1) as f64;
        let mrr = ranks.iter().map(|rank| rank.recip()).sum::<f64>() / count;
        SelectionScore { questions: ranks.len(), right, accuracy: right as f64 / count, mrr }
    }
}

/// Endings that are taken off, where three letters are left.
const ENDINGS: [&str; 8] = ["ing", "ied", "ies", "ed", "es", "ly", "s", "e"];

/// The words of a text without their endings.
fn stems(text: &str) -> BTreeSet<String> {
    let stem = |word: String| {
        let ending = ENDINGS.iter().find(|ending| word.ends_with(**ending) && word.len() >= ending.len() + 3);
        match ending {
            Some(ending) => word[..word.len() - ending.len()].to_owned(),
            None => word,
        }
    };
    words(text).map(stem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(question: &str, candidates: &[&str], answers: &[usize]) -> Question {
        let candidates = candidates.iter().map(|sentence| (*sentence).to_owned()).collect();
        Question { question: question.to_owned(), candidates, answers: answers.to_vec(), topic: None }
    }

    #[test]
    fn endings_are_taken_off() {
        let list: Vec<String> = stems("Recorded recording records record singing is").into_iter().collect();
        assert_eq!(list, ["is", "record", "sing"]);
    }

    #[test]
    fn rare_words_and_what_is_asked_for_decide() {
        let questions = [
            question("Who sang the song Halo?", &["The song was long.", "Halo was sung by Mary Stone.", "Halo is a song."], &[1]),
            question("How many atoms are there?", &["There are atoms.", "There are 12 atoms there."], &[1]),
        ];
        let selector = AnswerSelector::new(&AnswerRules::default(), &questions, None);
        assert_eq!(selector.ranking(&questions[1], None), [1, 0]);
        let score = selector.score(&questions, None);
        assert_eq!(score.questions, 2);
        assert!((score.accuracy - score.right as f64 / 2.0).abs() < 1e-15 && score.mrr >= score.accuracy);
        // without what is asked for the first of equals is chosen
        let none = AnswerRules { expected: 0.0, ..AnswerRules::default() };
        assert_eq!(AnswerSelector::new(&none, &questions, None).ranking(&questions[1], None), [0, 1]);
    }

    #[test]
    fn ranks_are_those_of_the_first_answer() {
        let questions = [question("red green", &["red green", "red", "blue"], &[1, 2]), question("x", &["y"], &[])];
        let score = AnswerSelector::new(&AnswerRules::default(), &questions, None).score(&questions, None);
        assert_eq!((score.questions, score.right, score.mrr), (1, 0, 0.5));
    }

    /// A topic has its own common words, and its lexicon.
    #[test]
    fn topics_change_what_words_count() {
        let questions = [
            question("song of night", &["a song", "the night"], &[1]),
            question("which song", &["song", "song two", "song three"], &[0]),
            question("night", &["night air", "night sky", "night sea", "night bird"], &[0]),
        ];
        let topics = ["MUSIC", "MUSIC", "SKY"].map(String::from);
        let rules = AnswerRules::default();
        let plain = AnswerSelector::new(&rules, &questions, None);
        let with = AnswerSelector::new(&rules, &questions, Some(&topics));
        // five of nine sentences have "night", four "song"; of those on music one and four of five
        assert_eq!(plain.ranking(&questions[0], None), [0, 1]);
        assert_eq!(with.ranking(&questions[0], Some("MUSIC")), [1, 0]);
        let lexicon = BTreeMap::from([("MUSIC".to_owned(), vec!["songs".to_owned()])]);
        let strong = AnswerRules { lexicon: 1.0, topics: lexicon, ..rules };
        let strong = AnswerSelector::new(&strong, &questions, Some(&topics));
        assert_eq!(strong.ranking(&questions[0], Some("MUSIC")), [0, 1]);
        assert_eq!(strong.ranking(&questions[0], Some("unknown")), [0, 1], "all sentences are counted");
    }
}
