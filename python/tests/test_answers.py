"""Sentences that answer questions, by rules worked out by hand."""

import pickle

import numpy as np
import pytest

from qloom import AnswerSelector


def question(asked, candidates, answers=()):
    return {"question": asked, "candidates": list(candidates), "answers": list(answers)}


QUESTIONS = [
    question("Who sang the song Halo?", ["The song was long.", "Halo was sung by Mary Stone.", "Halo is a song."], [1]),
    question("How many atoms are there?", ["There are atoms.", "There are 12 atoms there."], [1]),
]


def test_scores_are_shares_of_rare_words():
    pair = question("red green", ["red green", "red", "blue"], [1, 2])
    selector = AnswerSelector([pair], {"expected": 0.0})
    # a word counts ln((1 + N)/(1 + n)): of three sentences two have red, one has green
    red, green = np.log(4 / 3), np.log(4 / 2)
    assert selector.scores(pair) == pytest.approx([1.0, red / (red + green), 0.0])
    assert selector.ranking(pair) == [0, 1, 2]
    assert selector.score([pair]) == {"questions": 1, "right": 0, "accuracy": 0.0, "mrr": 0.5}


def test_what_is_asked_for_decides_between_equals():
    assert AnswerSelector(QUESTIONS).ranking(QUESTIONS[1]) == [1, 0]
    assert AnswerSelector(QUESTIONS, {"expected": 0.0}).ranking(QUESTIONS[1]) == [0, 1]
    kinds = {"Who wrote it?": "person", "When was it?": "date", "Where is it?": "place", "How many are there?": "number", "Why?": "reason"}
    assert {asked: AnswerSelector.asks_for(asked) for asked in kinds} == kinds
    assert AnswerSelector.asks_for("Is it?") == "other"


def test_topics_change_what_words_count():
    questions = [
        question("song of night", ["a song", "the night"], [1]),
        question("which song", ["song", "song two", "song three"], [0]),
        question("night", ["night air", "night sky", "night sea", "night bird"], [0]),
    ]
    topics = ["MUSIC", "MUSIC", "SKY"]
    assert AnswerSelector(questions).ranking(questions[0]) == [0, 1]
    selector = AnswerSelector(questions, topics=topics)
    assert selector.ranking(questions[0], "MUSIC") == [1, 0]
    strong = AnswerSelector(questions, {"lexicon": 1.0, "topics": {"MUSIC": ["songs"]}}, topics)
    assert strong.ranking(questions[0], "MUSIC") == [0, 1]
    again = pickle.loads(pickle.dumps(strong))
    assert again.score(questions, topics) == strong.score(questions, topics)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: AnswerSelector([{"question": "x"}]), "candidates"),
        (lambda: AnswerSelector(QUESTIONS, {"luck": 1.0}), "luck"),
        (lambda: AnswerSelector(QUESTIONS, topics=["a"]), "1 topics for 2"),
        (lambda: AnswerSelector(QUESTIONS).score(QUESTIONS, ["a"]), "1 topics for 2"),
        (lambda: AnswerSelector(QUESTIONS).ranking(3), "question"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
