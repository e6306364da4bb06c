BEGIN TRANSACTION;
CREATE TABLE banks (
  digest TEXT PRIMARY KEY, source TEXT NOT NULL, text TEXT NOT NULL);
INSERT INTO "banks" VALUES('8fd95a4b4706deeefff889cc99324712ba67010862bf005d6b147ae5b3be47dd','sheet.yaml, exercise 1 (one-neuron)','title: One neuron by hand
goal: compute the output of a neuron, its loss, and one step of gradient descent
minutes: ''20''
level: first steps
model:
  cell: neuron
  output: sigmoid
  loss: half_squared_error
  optimiser: gradient_descent
  sizes:
    input: ''2''
steps: ''1''
style: delta
givens:
  x:
    range:
    - ''-2''
    - ''2''
    step: ''0.1''
    not:
    - ''0''
    - ''1''
    - ''-1''
  y:
    choices:
    - ''0.1''
    - ''0.2''
    - ''0.8''
    - ''0.9''
  W:
    range:
    - ''-1.5''
    - ''1.5''
    step: ''0.1''
    not:
    - ''0''
    - ''1''
    - ''-1''
  b:
    range:
    - ''-0.5''
    - ''0.5''
    step: ''0.1''
    not:
    - ''0''
  eta:
    choices:
    - ''0.2''
    - ''0.4''
    - ''0.5''
rounding:
  decimals: ''4''
wording:
  intro: ''A neuron with two inputs and a sigmoid. Compute its score, its output and
    its loss, the gradients, and the new weights.

    ''
id: homework-1.1
version: ''1''
course: ''''
marks:
  forward: ''2''
  loss: ''1''
  local: ''2''
  recurrence: ''1''
  gradient: ''2''
  update: ''3''
');
INSERT INTO "banks" VALUES('4d60e2772a0274e4645bd47c4b42714e8a892f9ae40570cdda4676b82670c6ca','sheet.yaml, exercise 2 (perceptron)','title: Backpropagation in a perceptron
goal: carry the gradient back through one hidden layer
minutes: ''40''
level: first steps
model:
  cell: perceptron
  output: sigmoid
  loss: half_squared_error
  optimiser: gradient_descent
  sizes:
    input: ''2''
    hidden: ''2''
    output: ''2''
steps: ''1''
style: delta
givens:
  x:
    range:
    - ''-1.5''
    - ''1.5''
    step: ''0.1''
    not:
    - ''0''
    - ''1''
    - ''-1''
  y:
    choices:
    - ''0.05''
    - ''0.1''
    - ''0.9''
    - ''0.95''
  W:
    range:
    - ''-1.5''
    - ''1.5''
    step: ''0.1''
    not:
    - ''0''
    - ''1''
    - ''-1''
  V:
    range:
    - ''-1.5''
    - ''1.5''
    step: ''0.1''
    not:
    - ''0''
    - ''1''
    - ''-1''
  b:
    range:
    - ''-0.5''
    - ''0.5''
    step: ''0.1''
    not:
    - ''0''
  c:
    range:
    - ''-0.5''
    - ''0.5''
    step: ''0.1''
    not:
    - ''0''
  eta:
    choices:
    - ''2''
    - ''4''
    - ''5''
rounding:
  decimals: ''5''
ask:
- forward
- loss
- local
- recurrence
- sum
- update
id: homework-1.2.1
version: ''1''
course: ''''
marks:
  forward: ''2.18''
  loss: ''0.27''
  local: ''1.64''
  recurrence: ''1.64''
  update: ''3.27''
');
INSERT INTO "banks" VALUES('b3a126e4847363f1bf5fc36aefddb54c7d08b3cdb2baf6d6c403ef443f446a43','sheet.yaml, exercise 2 (hello)','title: Predicting the next letter
goal: see why prediction minus target is all that comes back from softmax and cross-entropy
minutes: ''60''
level: core
notation: xh_hh_hy+from_one
model:
  cell: elman_preactivation
  loss: cross_entropy_joint
  sizes:
    input: ''4''
    hidden: ''2''
    output: ''4''
steps: ''2''
style: delta
givens:
  x:
    alphabet: helo
    word: he
  y:
    alphabet: helo
    word: el
  h[0]: ''0''
  W:
    range:
    - ''-0.95''
    - ''0.95''
    step: ''0.05''
    not:
    - ''0''
  U:
    range:
    - ''-0.95''
    - ''0.95''
    step: ''0.05''
    not:
    - ''0''
  V:
    range:
    - ''-0.95''
    - ''0.95''
    step: ''0.05''
    not:
    - ''0''
  b:
    range:
    - ''-0.5''
    - ''0.5''
    step: ''0.1''
    not:
    - ''0''
  c:
    range:
    - ''-0.5''
    - ''0.5''
    step: ''0.1''
    not:
    - ''0''
  eta: ''0.5''
rounding:
  decimals: ''4''
ask:
- forward
- loss
- local
- recurrence
- sum
id: homework-1.2.2
version: ''1''
course: ''''
marks:
  forward: ''2.96''
  loss: ''0.37''
  local: ''1.48''
  recurrence: ''0.99''
  sum: ''3.2''
');
CREATE TABLE excused (
  student TEXT NOT NULL REFERENCES students(id), attempt INTEGER NOT NULL,
  PRIMARY KEY (student, attempt));
INSERT INTO "excused" VALUES('s3',1);
CREATE TABLE grades (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, attempt INTEGER NOT NULL,
  source TEXT NOT NULL, answers TEXT NOT NULL, marks REAL NOT NULL, maximum REAL NOT NULL,
  boxes TEXT NOT NULL, PRIMARY KEY (run, student, attempt));
INSERT INTO "grades" VALUES(1,'s1',1,'s1.yaml','{"L[1]": "0.0010", "W_new.1": "-0.2026", "W_new.2": "-1.2960", "b_new": "0.3023", "dL/dW@1.1": "0.0064", "dL/dW@1.2": "-0.0099", "dL/ds[1]": "-0.0058", "dL/dyhat[1]": "-0.0442", "s[1]": "-1.6900", "yhat''[1]": "0.1315", "yhat[1]": "0.1558"}',11.0,11.0,'{"s[1]": "correct", "yhat[1]": "correct", "L[1]": "correct", "dL/dyhat[1]": "correct", "yhat''[1]": "correct", "dL/ds[1]": "correct", "dL/dW@1.1": "correct", "dL/dW@1.2": "correct", "W_new.1": "correct", "W_new.2": "correct", "b_new": "correct"}');
INSERT INTO "grades" VALUES(1,'s2',1,'s2.yaml','{"L[1]": "0.3488", "W_new.1": "-0.1595", "W_new.2": "1.0656", "b_new": "77.7", "dL/dW@1.1": "-0.1012", "dL/dW@1.2": "0.0860", "dL/ds[1]": "0.0506", "dL/dyhat[1]": "0.8352", "s[1]": "2.6700", "yhat''[1]": "0.0606", "yhat[1]": "0.9352"}',10.0,11.0,'{"s[1]": "correct", "yhat[1]": "correct", "L[1]": "correct", "dL/dyhat[1]": "correct", "yhat''[1]": "correct", "dL/ds[1]": "correct", "dL/dW@1.1": "correct", "dL/dW@1.2": "correct", "W_new.1": "correct", "W_new.2": "correct", "b_new": "wrong"}');
INSERT INTO "grades" VALUES(2,'s2',1,'s2.yaml','{"L[1]": "0.18682", "V_new.1.1": "-1.60712", "V_new.1.2": "-0.00316", "V_new.2.1": "-1.38156", "V_new.2.2": "1.23520", "W_new.1.1": "-0.29500", "W_new.1.2": "0.51628", "W_new.2.1": "-0.82152", "W_new.2.2": "-0.57000", "a[1].1": "-1.03000", "a[1].2": "1.07000", "b_new.1": "-0.51252", "b_new.2": "0.15384", "c_new.1": "-0.20712", "c_new.2": "-0.04980", "dL/da[1].1": "0.00313", "dL/da[1].2": "-0.01346", "dL/dh[1].1": "0.01616", "dL/dh[1].2": "-0.07076", "dL/ds[1].1": "0.10178", "dL/ds[1].2": "-0.11255", "dL/dyhat[1].1": "0.40719", "dL/dyhat[1].2": "-0.45589", "h''[1].1": "0.19387", "h''[1].2": "0.19017", "h[1].1": "0.26308", "h[1].2": "0.74460", "s[1].1": "0.02876", "s[1].2": "-0.22448", "yhat''[1].1": "0.24995", "yhat''[1].2": "0.24688", "yhat[1].1": "0.50719", "yhat[1].2": "0.44411"}',9.0,9.0,'{"a[1].1": "correct", "a[1].2": "correct", "h[1].1": "correct", "h[1].2": "correct", "s[1].1": "correct", "s[1].2": "correct", "yhat[1].1": "correct", "yhat[1].2": "correct", "L[1]": "correct", "dL/dyhat[1].1": "correct", "dL/dyhat[1].2": "correct", "yhat''[1].1": "correct", "yhat''[1].2": "correct", "dL/ds[1].1": "correct", "dL/ds[1].2": "correct", "dL/dh[1].1": "correct", "dL/dh[1].2": "correct", "h''[1].1": "correct", "h''[1].2": "correct", "dL/da[1].1": "correct", "dL/da[1].2": "correct", "V_new.1.1": "correct", "V_new.1.2": "correct", "V_new.2.1": "correct", "V_new.2.2": "correct", "c_new.1": "correct", "c_new.2": "correct", "W_new.1.1": "correct", "W_new.1.2": "correct", "W_new.2.1": "correct", "W_new.2.2": "correct", "b_new.1": "correct", "b_new.2": "correct"}');
INSERT INTO "grades" VALUES(3,'s1',1,'s1.yaml','{"L": "3.2938", "L[1]": "1.0081", "L[2]": "2.2857", "a[1].1": "0.0500", "a[1].2": "-0.6500", "a[2].1": "-0.3419", "a[2].2": "1.3731", "dL/dW_hh.1.1": "0.0158", "dL/dW_hh.1.2": "-0.1811", "dL/dW_hh.2.1": "0.0059", "dL/dW_hh.2.2": "-0.0669", "dL/dW_hy.1.1": "-0.0220", "dL/dW_hy.1.2": "-0.0162", "dL/dW_hy.2.1": "-0.1598", "dL/dW_hy.2.2": "0.7049", "dL/dW_hy.3.1": "0.3045", "dL/dW_hy.3.2": "-0.8906", "dL/dW_hy.4.1": "-0.1229", "dL/dW_hy.4.2": "0.2019", "dL/dW_xh.1.1": "0.1285", "dL/dW_xh.1.2": "0.3167", "dL/dW_xh.1.3": "0.0000", "dL/dW_xh.1.4": "0.0000", "dL/dW_xh.2.1": "-0.0143", "dL/dW_xh.2.2": "0.1171", "dL/dW_xh.2.3": "0.0000", "dL/dW_xh.2.4": "0.0000", "dL/da[1].1": "0.1285", "dL/da[1].2": "-0.0143", "dL/da[2].1": "0.3167", "dL/da[2].2": "0.1171", "dL/db_h.1": "0.4452", "dL/db_h.2": "0.1028", "dL/db_y.1": "0.2634", "dL/db_y.2": "-0.2464", "dL/db_y.3": "-0.7223", "dL/db_y.4": "0.7053", "dL/dh[1].1": "0.1288", "dL/dh[1].2": "-0.0213", "dL/dh[2].1": "0.3552", "dL/dh[2].2": "0.5164", "dL/ds[1].1": "0.1708", "dL/ds[1].2": "-0.6351", "dL/ds[1].3": "0.1760", "dL/ds[1].4": "0.2883", "dL/ds[2].1": "0.0926", "dL/ds[2].2": "0.3887", "dL/ds[2].3": "-0.8983", "dL/ds[2].4": "0.4170", "h''[1].1": "0.9975", "h''[1].2": "0.6732", "h''[2].1": "0.8916", "h''[2].2": "0.2267", "h[1].1": "0.0500", "h[1].2": "-0.5717", "h[2].1": "-0.3292", "h[2].2": "0.8794", "s[1].1": "-0.6168", "s[1].2": "0.1420", "s[1].3": "-0.5872", "s[1].4": "-0.0934", "s[2].1": "-0.3077", "s[2].2": "1.1264", "s[2].3": "-0.2145", "s[2].4": "1.1969", "yhat[1].1": "0.1708", "yhat[1].2": "0.3649", "yhat[1].3": "0.1760", "yhat[1].4": "0.2883", "yhat[2].1": "0.0926", "yhat[2].2": "0.3887", "yhat[2].3": "0.1017", "yhat[2].4": "0.4170"}',9.0,9.0,'{"a[1].1": "correct", "a[1].2": "correct", "h[1].1": "correct", "h[1].2": "correct", "s[1].1": "correct", "s[1].2": "correct", "s[1].3": "correct", "s[1].4": "correct", "yhat[1].1": "correct", "yhat[1].2": "correct", "yhat[1].3": "correct", "yhat[1].4": "correct", "L[1]": "correct", "a[2].1": "correct", "a[2].2": "correct", "h[2].1": "correct", "h[2].2": "correct", "s[2].1": "correct", "s[2].2": "correct", "s[2].3": "correct", "s[2].4": "correct", "yhat[2].1": "correct", "yhat[2].2": "correct", "yhat[2].3": "correct", "yhat[2].4": "correct", "L[2]": "correct", "L": "correct", "dL/ds[2].1": "correct", "dL/ds[2].2": "correct", "dL/ds[2].3": "correct", "dL/ds[2].4": "correct", "dL/dh[2].1": "correct", "dL/dh[2].2": "correct", "h''[2].1": "correct", "h''[2].2": "correct", "dL/da[2].1": "correct", "dL/da[2].2": "correct", "dL/ds[1].1": "correct", "dL/ds[1].2": "correct", "dL/ds[1].3": "correct", "dL/ds[1].4": "correct", "dL/dh[1].1": "correct", "dL/dh[1].2": "correct", "h''[1].1": "correct", "h''[1].2": "correct", "dL/da[1].1": "correct", "dL/da[1].2": "correct", "dL/dW_hy.1.1": "correct", "dL/dW_hy.1.2": "correct", "dL/dW_hy.2.1": "correct", "dL/dW_hy.2.2": "correct", "dL/dW_hy.3.1": "correct", "dL/dW_hy.3.2": "correct", "dL/dW_hy.4.1": "correct", "dL/dW_hy.4.2": "correct", "dL/db_y.1": "correct", "dL/db_y.2": "correct", "dL/db_y.3": "correct", "dL/db_y.4": "correct", "dL/dW_hh.1.1": "correct", "dL/dW_hh.1.2": "correct", "dL/dW_hh.2.1": "correct", "dL/dW_hh.2.2": "correct", "dL/dW_xh.1.1": "correct", "dL/dW_xh.1.2": "correct", "dL/dW_xh.1.3": "correct", "dL/dW_xh.1.4": "correct", "dL/dW_xh.2.1": "correct", "dL/dW_xh.2.2": "correct", "dL/dW_xh.2.3": "correct", "dL/dW_xh.2.4": "correct", "dL/db_h.1": "correct", "dL/db_h.2": "correct"}');
INSERT INTO "grades" VALUES(4,'s2',2,'s2.yaml','{"L[1]": "0.0038", "W_new.1": "0.4974", "W_new.2": "77.7", "b_new": "77.7", "dL/dW@1.1": "0.0053", "dL/dW@1.2": "-0.0125", "dL/ds[1]": "0.0178", "dL/dyhat[1]": "0.0870", "s[1]": "-0.9100", "yhat''[1]": "0.2046", "yhat[1]": "0.2870"}',9.0,11.0,'{"s[1]": "correct", "yhat[1]": "correct", "L[1]": "correct", "dL/dyhat[1]": "correct", "yhat''[1]": "correct", "dL/ds[1]": "correct", "dL/dW@1.1": "correct", "dL/dW@1.2": "correct", "W_new.1": "correct", "W_new.2": "slip", "b_new": "slip"}');
INSERT INTO "grades" VALUES(5,'s2',2,'s2.yaml','{"L[1]": "0.12311", "V_new.1.1": "0.46830", "V_new.1.2": "0.75730", "V_new.2.1": "0.38180", "V_new.2.2": "-0.37430", "W_new.1.1": "-1.16510", "W_new.1.2": "-1.34795", "W_new.2.1": "1.45790", "W_new.2.2": "-0.84210", "a[1].1": "-0.17000", "a[1].2": "-1.69000", "b_new.1": "0.25640", "b_new.2": "0.55265", "c_new.1": "0.66780", "c_new.2": "-0.77685", "dL/da[1].1": "0.00872", "dL/da[1].2": "-0.01053", "dL/dh[1].1": "0.03515", "dL/dh[1].2": "-0.08010", "dL/ds[1].1": "-0.07356", "dL/ds[1].2": "0.09537", "dL/dyhat[1].1": "-0.31672", "dL/dyhat[1].2": "0.38197", "h''[1].1": "0.24820", "h''[1].2": "0.13151", "h[1].1": "0.45760", "h[1].2": "0.15578", "s[1].1": "0.54633", "s[1].2": "-0.07217", "yhat''[1].1": "0.23224", "yhat''[1].2": "0.24967", "yhat[1].1": "0.63328", "yhat[1].2": "0.48197"}',9.0,9.0,'{"a[1].1": "correct", "a[1].2": "correct", "h[1].1": "correct", "h[1].2": "correct", "s[1].1": "correct", "s[1].2": "correct", "yhat[1].1": "correct", "yhat[1].2": "correct", "L[1]": "correct", "dL/dyhat[1].1": "correct", "dL/dyhat[1].2": "correct", "yhat''[1].1": "correct", "yhat''[1].2": "correct", "dL/ds[1].1": "correct", "dL/ds[1].2": "correct", "dL/dh[1].1": "correct", "dL/dh[1].2": "correct", "h''[1].1": "correct", "h''[1].2": "correct", "dL/da[1].1": "correct", "dL/da[1].2": "correct", "V_new.1.1": "correct", "V_new.1.2": "correct", "V_new.2.1": "correct", "V_new.2.2": "correct", "c_new.1": "correct", "c_new.2": "correct", "W_new.1.1": "correct", "W_new.1.2": "correct", "W_new.2.1": "correct", "W_new.2.2": "correct", "b_new.1": "correct", "b_new.2": "correct"}');
CREATE TABLE known_as (
  student TEXT NOT NULL REFERENCES students(id), other TEXT NOT NULL,
  PRIMARY KEY (student, other));
INSERT INTO "known_as" VALUES('s2','e2');
CREATE TABLE late (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, days INTEGER NOT NULL,
  share REAL NOT NULL, PRIMARY KEY (run, student));
INSERT INTO "late" VALUES(1,'s2',1,0.1);
INSERT INTO "late" VALUES(2,'s2',1,0.1);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('assignment','{"title": "Homework 1", "id": "homework-1", "version": 1, "course": "", "due": "", "handing_in": "", "signature": false, "exercises": ["1", "2.1", "2.2"]}');
INSERT INTO "meta" VALUES('bank of 1','8fd95a4b4706deeefff889cc99324712ba67010862bf005d6b147ae5b3be47dd');
INSERT INTO "meta" VALUES('bank of 2.1','4d60e2772a0274e4645bd47c4b42714e8a892f9ae40570cdda4676b82670c6ca');
INSERT INTO "meta" VALUES('notation of b3a126e4847363f1bf5fc36aefddb54c7d08b3cdb2baf6d6c403ef443f446a43','xh_hh_hy+from_one');
INSERT INTO "meta" VALUES('bank of 2.2','b3a126e4847363f1bf5fc36aefddb54c7d08b3cdb2baf6d6c403ef443f446a43');
CREATE TABLE numbers_of (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, token TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE TABLE pages (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, page TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, bank TEXT NOT NULL, program TEXT NOT NULL, note TEXT NOT NULL, exercise TEXT NOT NULL DEFAULT '');
INSERT INTO "runs" VALUES(1,'8fd95a4b4706deeefff889cc99324712ba67010862bf005d6b147ae5b3be47dd','0.4.0','grade in1','1');
INSERT INTO "runs" VALUES(2,'4d60e2772a0274e4645bd47c4b42714e8a892f9ae40570cdda4676b82670c6ca','0.4.0','grade in1','2.1');
INSERT INTO "runs" VALUES(3,'b3a126e4847363f1bf5fc36aefddb54c7d08b3cdb2baf6d6c403ef443f446a43','0.4.0','grade in1','2.2');
INSERT INTO "runs" VALUES(4,'8fd95a4b4706deeefff889cc99324712ba67010862bf005d6b147ae5b3be47dd','0.4.0','grade in2','1');
INSERT INTO "runs" VALUES(5,'4d60e2772a0274e4645bd47c4b42714e8a892f9ae40570cdda4676b82670c6ca','0.4.0','grade in2','2.1');
INSERT INTO "runs" VALUES(6,'b3a126e4847363f1bf5fc36aefddb54c7d08b3cdb2baf6d6c403ef443f446a43','0.4.0','grade in2','2.2');
CREATE TABLE students (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, position INTEGER NOT NULL);
INSERT INTO "students" VALUES('s1','Ada Lovelace','',1);
INSERT INTO "students" VALUES('s2','Émile du Châtelet','',2);
INSERT INTO "students" VALUES('s3','Kurt Gödel','',3);
CREATE TABLE "variants" (
  exercise TEXT NOT NULL, student TEXT NOT NULL REFERENCES students(id),
  attempt INTEGER NOT NULL, token TEXT NOT NULL, candidate INTEGER NOT NULL, givens TEXT NOT NULL,
  bank TEXT NOT NULL REFERENCES banks(digest), program TEXT NOT NULL,
  PRIMARY KEY (student, attempt, exercise), UNIQUE (token, exercise));
INSERT INTO "variants" VALUES('1','s1',1,'g6p4-cwh-g2l',0,'{"W": ["-0.2", "-1.3"], "x[1]": ["-1.1", "1.7"], "b": ["0.3"], "y[1]": ["0.2"], "eta": ["0.4"]}','8fd95a4b4706deeefff889cc99324712ba67010862bf005d6b147ae5b3be47dd','0.4.0');
INSERT INTO "variants" VALUES('2.2','s1',1,'g6p4-cwh-g2l',3,'{"W": ["0.55", "0.45", "0.35", "0.35", "-0.75", "0.75", "-0.35", "0.8"], "x[1]": ["1", "0", "0", "0"], "U": ["0.45", "0.55", "-0.4", "-0.95"], "h[0]": ["0", "0"], "b": ["-0.5", "0.1"], "V": ["-0.05", "0.2", "-0.3", "0.6", "-0.6", "0.1", "-0.15", "0.85"], "c": ["-0.5", "0.5", "-0.5", "0.4"], "y[1]": ["0", "1", "0", "0"], "x[2]": ["0", "1", "0", "0"], "y[2]": ["0", "0", "1", "0"]}','b3a126e4847363f1bf5fc36aefddb54c7d08b3cdb2baf6d6c403ef443f446a43','0.4.0');
INSERT INTO "variants" VALUES('1','s2',1,'qepd-k2t-sy4',0,'{"W": ["-0.2", "1.1"], "x[1]": ["-2", "1.7"], "b": ["0.4"], "y[1]": ["0.1"], "eta": ["0.4"]}','8fd95a4b4706deeefff889cc99324712ba67010862bf005d6b147ae5b3be47dd','0.4.0');
INSERT INTO "variants" VALUES('2.1','s2',1,'qepd-k2t-sy4',0,'{"W": ["-0.3", "0.5", "-0.8", "-0.5"], "x[1]": ["-0.4", "-1.3"], "b": ["-0.5", "0.1"], "V": ["-1.5", "0.3", "-1.5", "0.9"], "c": ["0.2", "-0.5"], "y[1]": ["0.1", "0.9"], "eta": ["4"]}','4d60e2772a0274e4645bd47c4b42714e8a892f9ae40570cdda4676b82670c6ca','0.4.0');
INSERT INTO "variants" VALUES('1','s3',1,'i24k-sk5-h7i',4,'{"W": ["-0.4", "-0.8"], "x[1]": ["-0.1", "1.1"], "b": ["-0.1"], "y[1]": ["0.2"], "eta": ["0.4"]}','8fd95a4b4706deeefff889cc99324712ba67010862bf005d6b147ae5b3be47dd','0.4.0');
INSERT INTO "variants" VALUES('2.2','s3',1,'i24k-sk5-h7i',0,'{"W": ["0.15", "-0.75", "-0.85", "-0.9", "0.9", "0.45", "-0.65", "0.8"], "x[1]": ["1", "0", "0", "0"], "U": ["-0.05", "-0.75", "0.25", "-0.95"], "h[0]": ["0", "0"], "b": ["0.5", "-0.3"], "V": ["-0.75", "0.85", "-0.9", "0.3", "-0.05", "-0.9", "-0.95", "0.6"], "c": ["0.1", "0.1", "0.4", "0.3"], "y[1]": ["0", "1", "0", "0"], "x[2]": ["0", "1", "0", "0"], "y[2]": ["0", "0", "1", "0"]}','b3a126e4847363f1bf5fc36aefddb54c7d08b3cdb2baf6d6c403ef443f446a43','0.4.0');
INSERT INTO "variants" VALUES('1','s2',2,'hot5-esu-fov',3,'{"W": ["0.5", "0.8"], "x[1]": ["0.3", "-0.7"], "b": ["-0.5"], "y[1]": ["0.2"], "eta": ["0.5"]}','8fd95a4b4706deeefff889cc99324712ba67010862bf005d6b147ae5b3be47dd','0.4.0');
INSERT INTO "variants" VALUES('2.1','s2',2,'hot5-esu-fov',2,'{"W": ["-1.2", "-1.3", "1.5", "-0.9"], "x[1]": ["-0.8", "1.1"], "b": ["0.3", "0.5"], "V": ["0.3", "0.7", "0.6", "-0.3"], "c": ["0.3", "-0.3"], "y[1]": ["0.95", "0.1"], "eta": ["5"]}','4d60e2772a0274e4645bd47c4b42714e8a892f9ae40570cdda4676b82670c6ca','0.4.0');
CREATE INDEX newest ON grades (student, run);
COMMIT;
PRAGMA user_version = 4;
