"""Reference figures for the deconvolutional network of the zoo, from scikit-learn: class and style to a picture the linear
way. Each class has its mean and 4 principal components; a style is normal with their variances. They are fitted on every
second of the training digits (row index mod 5 < 4), the judge on the others.
explained: share of the squared deviations of test digits from the means of their classes that 4 components explain.
named: share of 1,000 pictures drawn for given classes that the judge (a support vector machine) takes for these.
judge: share of the test digits that it names right.
Run: python3 tests/oracle/zoo_deconvolutional.py > tests/oracle/zoo_deconvolutional.json"""

import json
import pathlib

import numpy as np
from sklearn.decomposition import PCA
from sklearn.svm import SVC

data = np.loadtxt(pathlib.Path(__file__).parent / "../../examples/data/digits.csv", delimiter=",")
x, label = data[:, :64] / 16, data[:, 64].astype(int)
test = np.arange(len(x)) % 5 == 4
own, own_label, others, others_label = x[~test][0::2], label[~test][0::2], x[~test][1::2], label[~test][1::2]
judge = SVC(C=10).fit(others, others_label)
rng = np.random.default_rng(0)
left = total = named = 0.0
for digit in range(10):
    model = PCA(4).fit(own[own_label == digit])
    unseen = x[test & (label == digit)]
    left += np.sum((model.inverse_transform(model.transform(unseen)) - unseen) ** 2)
    total += np.sum((unseen - model.mean_) ** 2)
    styles = rng.standard_normal((100, 4)) * np.sqrt(model.explained_variance_)
    named += np.sum(judge.predict(np.clip(model.inverse_transform(styles), 0, 1)) == digit)

print(
    json.dumps(
        {
            "explained": float(1 - left / total),
            "named": named / 1000,
            "judge": float(judge.score(x[test], label[test])),
        },
        indent=1,
    )
)
