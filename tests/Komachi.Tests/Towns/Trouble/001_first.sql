-- Of the tests: goes through everywhere.
CREATE TABLE trouble.first (id int NOT NULL PRIMARY KEY);
