create extension hstore;
create text search dictionary dict (template = simple);
create text search configuration cfg (copy = simple);
create type pair as (a int, b hstore);
create domain positive as int check (value > 0);
create type span as range (subtype = int);
create cast (pair as text) with inout;
create aggregate total(int) (sfunc = int4pl, stype = int);
create table t (id positive primary key, p pair, h hstore);
create publication pub for table t;
do $$ begin
  for g in 1..200 loop
    execute format('create sequence s_%s start %s', g, g);
    execute format('create function f_%s() returns int language sql as ''select %s''', g, g);
  end loop;
end $$;
select setval('s_7', 700);
grant select (id) on t to reader;
revoke execute on function f_1() from public;
alter default privileges grant select on tables to reader;
insert into t values (1, (1, 'a=>1'), 'b=>2');
