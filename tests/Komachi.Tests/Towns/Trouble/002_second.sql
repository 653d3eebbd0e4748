-- Of the tests: fails in a town that has such a table already.
CREATE TABLE trouble.second (id int NOT NULL PRIMARY KEY);
