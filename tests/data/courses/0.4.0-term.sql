BEGIN TRANSACTION;
CREATE TABLE banks (
  digest TEXT PRIMARY KEY, source TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE excused (
  student TEXT NOT NULL REFERENCES students(id), attempt INTEGER NOT NULL,
  PRIMARY KEY (student, attempt));
CREATE TABLE grades (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, attempt INTEGER NOT NULL,
  source TEXT NOT NULL, answers TEXT NOT NULL, marks REAL NOT NULL, maximum REAL NOT NULL,
  boxes TEXT NOT NULL, PRIMARY KEY (run, student, attempt));
CREATE TABLE known_as (
  student TEXT NOT NULL REFERENCES students(id), other TEXT NOT NULL,
  PRIMARY KEY (student, other));
INSERT INTO "known_as" VALUES('s2','e2');
CREATE TABLE late (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, days INTEGER NOT NULL,
  share REAL NOT NULL, PRIMARY KEY (run, student));
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('term','yes');
CREATE TABLE numbers_of (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, token TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE TABLE pages (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, page TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, bank TEXT NOT NULL, program TEXT NOT NULL, note TEXT NOT NULL, exercise TEXT NOT NULL DEFAULT '');
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
CREATE INDEX newest ON grades (student, run);
COMMIT;
PRAGMA user_version = 4;
