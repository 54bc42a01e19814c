"""Reference figures for the auto encoders of the zoo, on the test digits (row index mod 5 = 4), from scikit-learn.
pca: mean squared error of a pixel with 8 and 2 principal components of the training digits.
independent: ln-likelihood of a picture in black and white by pixels on their own, in nats (BernoulliNB with one class).
linear: gain in dB over the noisy digits of the best linear filter, fitted by ridge regression on 40 draws of the noise.
dictionary: mean squared error of a pixel from a dictionary of 196 atoms of which 10 may be used (5 %).
Run: python3 tests/oracle/zoo_autoencoders.py > tests/oracle/zoo_autoencoders.json"""

import json
import pathlib
import warnings

import numpy as np
from sklearn.decomposition import PCA, MiniBatchDictionaryLearning
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import BernoulliNB

warnings.filterwarnings("ignore")
data = np.loadtxt(pathlib.Path(__file__).parent / "../../examples/data/digits.csv", delimiter=",")
x = data[:, :64] / 16
test = np.arange(len(x)) % 5 == 4
train, unseen = x[~test], x[test]
rng = np.random.default_rng(0)


def pca(size):
    model = PCA(size).fit(train)
    return float(np.mean((model.inverse_transform(model.transform(unseen)) - unseen) ** 2))


def independent():
    model = BernoulliNB(alpha=1).fit(train >= 0.5, np.zeros(len(train)))
    p = np.exp(model.feature_log_prob_[0])
    white = unseen >= 0.5
    return float(np.mean(np.sum(np.where(white, np.log(p), np.log1p(-p)), axis=1)))


def linear(noise):
    clean = np.tile(train, (40, 1))
    model = Ridge(1.0).fit(noise(clean), clean)
    many = np.tile(unseen, (20, 1))
    noisy = noise(many)
    return float(10 * np.log10(np.mean((noisy - many) ** 2) / np.mean((model.predict(noisy) - many) ** 2)))


def dictionary():
    model = MiniBatchDictionaryLearning(196, transform_algorithm="omp", transform_n_nonzero_coefs=10, random_state=0)
    centre = train.mean(0)
    codes = model.fit(train - centre).transform(unseen - centre)
    return float(np.mean((codes @ model.components_ + centre - unseen) ** 2))


print(
    json.dumps(
        {
            "pca": {"8": pca(8), "2": pca(2)},
            "independent": independent(),
            "linear": {
                "gaussian": linear(lambda v: np.clip(v + 0.5 * rng.standard_normal(v.shape), 0, 1)),
                "masking": linear(lambda v: v * (rng.random(v.shape) >= 0.5)),
            },
            "dictionary": dictionary(),
        },
        indent=1,
    )
)
