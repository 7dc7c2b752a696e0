CREATE TABLE api_keys (id integer PRIMARY KEY, name text NOT NULL, active boolean NOT NULL);
INSERT INTO api_keys SELECT n, 'key-' || n, true FROM generate_series(1, 4) n;
CREATE TABLE articles (id integer PRIMARY KEY, title text NOT NULL);
INSERT INTO articles
  SELECT n, 'About ' || (ARRAY['maps', 'rivers', 'bridges', 'towers', 'harbours'])[1 + n % 5] || ', part ' || n
  FROM generate_series(1, 500) n;
