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
INSERT INTO "grades" VALUES(1,'s1',1,'s1.txt','{"s[1]": "0.1900", "yhat[1]": "0.5474", "L[1]": "0.0319", "dL/dyhat[1]": "-0.2526", "yhat''[1]": "0.2478", "dL/ds[1]": "-0.0626", "dL/dW@1.1": "0.0939", "dL/dW@1.2": "0.0876", "W_new.1": "-1.5376", "W_new.2": "1.3650", "b_new": "-0.0750", "sheet": "q2fz-u4j-utr"}',11.0,11.0,'{"s[1]": "correct", "yhat[1]": "correct", "L[1]": "correct", "dL/dyhat[1]": "correct", "yhat''[1]": "correct", "dL/ds[1]": "correct", "dL/dW@1.1": "correct", "dL/dW@1.2": "correct", "W_new.1": "correct", "W_new.2": "correct", "b_new": "correct"}');
INSERT INTO "grades" VALUES(1,'s2',1,'s2.txt','{"s[1]": "-0.3200", "yhat[1]": "0.1", "L[1]": "0.1149", "dL/dyhat[1]": "-0.4793", "yhat''[1]": "0.2437", "dL/ds[1]": "-0.1168", "dL/dW@1.1": "-0.2219", "dL/dW@1.2": "0.0701", "W_new.1": "-0.3112", "W_new.2": "0.0720", "b_new": "0.5467", "sheet": "675b-um6-d2m"}',10.0,11.0,'{"s[1]": "correct", "yhat[1]": "slip", "L[1]": "correct", "dL/dyhat[1]": "correct", "yhat''[1]": "correct", "dL/ds[1]": "correct", "dL/dW@1.1": "correct", "dL/dW@1.2": "correct", "W_new.1": "correct", "W_new.2": "correct", "b_new": "correct"}');
CREATE TABLE known_as (
  student TEXT NOT NULL REFERENCES students(id), other TEXT NOT NULL,
  PRIMARY KEY (student, other));
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('bank','43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af');
INSERT INTO "meta" VALUES('layout of keys','no PDFs, a4, to print, templates of rnnquiz, depth worked');
INSERT INTO "meta" VALUES('layout of sheets','no PDFs, a4, to print, templates of rnnquiz, depth worked');
INSERT INTO "meta" VALUES('outside: marked','grade');
CREATE TABLE numbers_of (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, token TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE TABLE pages (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, page TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, bank TEXT NOT NULL, program TEXT NOT NULL, note TEXT NOT NULL);
INSERT INTO "runs" VALUES(1,'43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','0.2.0','grade in');
CREATE TABLE students (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, position INTEGER NOT NULL);
INSERT INTO "students" VALUES('s1','Ada Lovelace','ada@example.org',1);
INSERT INTO "students" VALUES('s2','Émile du Châtelet','',2);
INSERT INTO "students" VALUES('s3','Kurt Gödel','kurt@example.org',3);
CREATE TABLE variants (
  student TEXT NOT NULL REFERENCES students(id), attempt INTEGER NOT NULL,
  token TEXT NOT NULL UNIQUE, candidate INTEGER NOT NULL, givens TEXT NOT NULL,
  bank TEXT NOT NULL REFERENCES banks(digest), program TEXT NOT NULL,
  PRIMARY KEY (student, attempt));
INSERT INTO "variants" VALUES('s1',1,'q2fz-u4j-utr',0,'{"W": ["-1.5", "1.4"], "x[1]": ["-1.5", "-1.4"], "b": ["-0.1"], "y[1]": ["0.8"], "eta": ["0.4"]}','43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','0.2.0');
INSERT INTO "variants" VALUES('s2',1,'675b-um6-d2m',1,'{"W": ["-0.4", "0.1"], "x[1]": ["1.9", "-0.6"], "b": ["0.5"], "y[1]": ["0.9"], "eta": ["0.4"]}','43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','0.2.0');
INSERT INTO "variants" VALUES('s3',1,'57od-qsh-hqd',0,'{"W": ["1.2", "-0.4"], "x[1]": ["0.7", "-0.7"], "b": ["-0.2"], "y[1]": ["0.2"], "eta": ["0.5"]}','43bf383b4859d23549ad3d73751af14539dc916a9ff0603fda433b2d1318a7af','0.2.0');
CREATE INDEX newest ON grades (student, run);
COMMIT;
