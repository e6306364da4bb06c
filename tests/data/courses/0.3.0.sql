BEGIN TRANSACTION;
CREATE TABLE banks (
  digest TEXT PRIMARY KEY, source TEXT NOT NULL, text TEXT NOT NULL);
INSERT INTO "banks" VALUES('43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','question_banks/one_neuron.yaml','# yaml-language-server: $schema=bank.schema.json
# First steps: a weighted sum, a sigmoid, a loss, one update.
title: One neuron by hand
course: Recurrent networks
id: one-neuron
goal: compute the output of a neuron, its loss, and one step of gradient descent
minutes: 20
level: first steps

model:
  cell: neuron
  output: sigmoid
  loss: half_squared_error
  optimiser: gradient_descent
  sizes: {input: 2}
steps: 1
style: delta

givens:
  x: {range: [-2, 2], step: 0.1, not: [0, 1, -1]}
  y: {choices: [0.1, 0.2, 0.8, 0.9]}
  W: {range: [-1.5, 1.5], step: 0.1, not: [0, 1, -1]}
  b: {range: [-0.5, 0.5], step: 0.1, not: [0]}
  eta: {choices: [0.2, 0.4, 0.5]}

rounding: {decimals: 4}
wording:
  intro: >
    A neuron with two inputs and a sigmoid. Compute its score, its output and its loss, the gradients, and the new weights.
');
CREATE TABLE grades (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, attempt INTEGER NOT NULL,
  source TEXT NOT NULL, answers TEXT NOT NULL, marks REAL NOT NULL, maximum REAL NOT NULL,
  boxes TEXT NOT NULL, PRIMARY KEY (run, student, attempt));
INSERT INTO "grades" VALUES(1,'s1',1,'s1.yaml','{"L[1]": "0.0738", "W_new.1": "0.0627", "W_new.2": "0.3037", "b_new": "-0.1813", "dL/dW@1.1": "0.1866", "dL/dW@1.2": "-0.0187", "dL/ds[1]": "-0.0933", "dL/dyhat[1]": "-0.3842", "s[1]": "-0.3400", "yhat''[1]": "0.2429", "yhat[1]": "0.4158"}',11.0,11.0,'{"s[1]": "correct", "yhat[1]": "correct", "L[1]": "correct", "dL/dyhat[1]": "correct", "yhat''[1]": "correct", "dL/ds[1]": "correct", "dL/dW@1.1": "correct", "dL/dW@1.2": "correct", "W_new.1": "correct", "W_new.2": "correct", "b_new": "correct"}');
INSERT INTO "grades" VALUES(1,'s2',1,'s2.yaml','{"L[1]": "0.1962", "W_new.1": "-1.3928", "W_new.2": "-0.6640", "b_new": "9.999", "dL/dW@1.1": "-0.0360", "dL/dW@1.2": "-0.1798", "dL/ds[1]": "0.0899", "dL/dyhat[1]": "0.6264", "s[1]": "1.5600", "yhat''[1]": "0.1435", "yhat[1]": "0.8264"}',10.0,11.0,'{"s[1]": "correct", "yhat[1]": "correct", "L[1]": "correct", "dL/dyhat[1]": "correct", "yhat''[1]": "correct", "dL/ds[1]": "correct", "dL/dW@1.1": "correct", "dL/dW@1.2": "correct", "W_new.1": "correct", "W_new.2": "correct", "b_new": "wrong"}');
CREATE TABLE known_as (
  student TEXT NOT NULL REFERENCES students(id), other TEXT NOT NULL,
  PRIMARY KEY (student, other));
INSERT INTO "known_as" VALUES('s2','e2');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('bank','43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af');
CREATE TABLE numbers_of (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, token TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE TABLE pages (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, page TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, bank TEXT NOT NULL, program TEXT NOT NULL, note TEXT NOT NULL);
INSERT INTO "runs" VALUES(1,'43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','0.3.0','grade sub');
CREATE TABLE students (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, position INTEGER NOT NULL);
INSERT INTO "students" VALUES('s1','Ada Lovelace','',1);
INSERT INTO "students" VALUES('s2','Émile du Châtelet','',2);
INSERT INTO "students" VALUES('s3','Kurt Gödel','',3);
CREATE TABLE variants (
  student TEXT NOT NULL REFERENCES students(id), attempt INTEGER NOT NULL,
  token TEXT NOT NULL UNIQUE, candidate INTEGER NOT NULL, givens TEXT NOT NULL,
  bank TEXT NOT NULL REFERENCES banks(digest), program TEXT NOT NULL,
  PRIMARY KEY (student, attempt));
INSERT INTO "variants" VALUES('s1',1,'7kn6-6dw-rvs',0,'{"W": ["0.1", "0.3"], "x[1]": ["-2", "0.2"], "b": ["-0.2"], "y[1]": ["0.8"], "eta": ["0.2"]}','43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','0.3.0');
INSERT INTO "variants" VALUES('s2',1,'v3v4-ha2-x7c',0,'{"W": ["-1.4", "-0.7"], "x[1]": ["-0.4", "-2"], "b": ["-0.4"], "y[1]": ["0.2"], "eta": ["0.2"]}','43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','0.3.0');
INSERT INTO "variants" VALUES('s3',1,'rod5-nae-res',0,'{"W": ["-1.3", "1.3"], "x[1]": ["-0.8", "-0.3"], "b": ["0.2"], "y[1]": ["0.8"], "eta": ["0.4"]}','43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','0.3.0');
CREATE INDEX newest ON grades (student, run);
COMMIT;
PRAGMA user_version = 2;
