create schema audit;
create type mood as enum ('sad', 'ok', 'happy');
create table customers (
  id serial primary key,
  name text not null check (name <> ''),
  mood mood default 'ok',
  profile jsonb,
  shout text generated always as (upper(name)) stored,
  created timestamptz not null default '2024-02-29 12:00:00+01');
create unique index customers_lower_name on customers (lower(name)) where mood <> 'sad';
comment on table customers is 'who buys';
create table orders (
  id bigint generated always as identity (start with 100 increment by 5) primary key,
  customer int not null references customers on delete cascade,
  note text,
  amount numeric(12, 2),
  raw bytea);
create table "Odd ""Table""" (" a b" int, "SELECT" text);
create table empty (id int);
create table no_columns ();
create table audit.log (at date not null, what text) partition by range (at);
create table audit.log_2023 partition of audit.log for values from ('2023-01-01') to ('2024-01-01');
create table audit.log_2024 partition of audit.log for values from ('2024-01-01') to ('2025-01-01');
create view sad as select id, name from customers where mood = 'sad';
create materialized view totals as select customer, sum(amount) from orders group by 1;
create sequence tickets start 7;
create function touch() returns trigger language plpgsql as $$ begin new.note := coalesce(new.note, 'none'); return new; end $$;
create trigger touched before insert on orders for each row execute function touch();
create procedure tricky() language plpgsql as $$
BEGIN
COMMIT;
/*
COPY public.customers (id) FROM stdin;
1
\.
*/
END $$;
grant select on customers to reader;
alter default privileges in schema audit grant select on tables to reader;

insert into customers (name, mood, profile)
  select 'customer ' || i, (array['sad','ok','happy'])[1 + i % 3]::mood, jsonb_build_object('n', i)
  from generate_series(1, 500) i;
insert into orders (customer, note, amount, raw)
  select 1 + i % 500, E'tab\tline\nback\\slash "q" ''s'' ü ' || i, i * 1.25, decode(md5(i::text), 'hex')
  from generate_series(1, 3000) i;
insert into orders (customer, note, amount, raw) values (1, E'\\.', null, null), (2, '', 0, ''), (3, E'COMMIT;\n', 1, 'x');
insert into "Odd ""Table""" values (1, null), (null, ''), (3, E'\\.');
insert into no_columns default values;
insert into no_columns default values;
insert into audit.log select date '2023-06-01' + i, 'event ' || i from generate_series(1, 400) i;
refresh materialized view totals;
select setval('tickets', 4242);
select lo_from_bytea(0, 'a large object');
