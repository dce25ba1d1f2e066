package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"heyq/store"
	"heyq/store/sql"
)

// Picture draws the schema as it is, table by table.
func (s *Store) Picture(ctx context.Context) (string, error) {
	type table struct {
		Name                 string
		Columns, Constraints []string
		Options              string
		Indexes              []string // and triggers
	}
	tables, err := collect(ctx, s, pgx.RowToStructByPos[table], `
		SELECT c.relname, ARRAY(
		       SELECT format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod))
		              || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
		              || CASE WHEN a.attidentity <> '' THEN ' GENERATED AS IDENTITY'
		                      WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS ' || pg_get_expr(d.adbin, d.adrelid)
		                      ELSE coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') END
		         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
		       ARRAY(
		       SELECT format('CONSTRAINT %s %s', n.conname, pg_get_constraintdef(n.oid))
		         FROM pg_constraint n WHERE n.conrelid = c.oid AND n.contype <> 'n' ORDER BY n.conname),
		       coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), ARRAY(
		       SELECT CASE WHEN i.indisvalid THEN '' ELSE 'INVALID ' END || pg_get_indexdef(i.indexrelid)
		         FROM pg_index i
		        WHERE i.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = i.indexrelid AND n.conrelid = c.oid)
		        ORDER BY 1)
		       || ARRAY(
		       SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY 1)
		  FROM pg_class c
		 WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND c.relkind = 'r' AND c.relname <> $1
		 ORDER BY c.relname COLLATE "C"`, versionTable)
	if err != nil {
		return "", err
	}
	var picture strings.Builder
	for _, table := range tables {
		lines := strings.Join(inLines(append(table.Columns, table.Constraints...)), ",\n    ")
		fmt.Fprintf(&picture, "CREATE TABLE %s (\n    %s\n)%s;\n", table.Name, lines, table.Options)
		for _, index := range table.Indexes {
			fmt.Fprintf(&picture, "%s;\n", index)
		}
		picture.WriteString("\n")
	}
	return picture.String(), nil
}

// inLines writes each text in one line.
func inLines(texts []string) []string {
	for i, text := range texts {
		texts[i] = strings.Join(strings.Fields(text), " ")
	}
	return texts
}

// Drift compares the schema with the one that the migrations lead to. It compares
// names, types and NOT NULL: how an expression is written depends on the server's
// version. Tables that are none of ours are not looked at.
func (s *Store) Drift(ctx context.Context) ([]store.Drift, error) {
	picture, err := s.Picture(ctx)
	if err != nil {
		return nil, explain(err, "look at the schema")
	}
	want, is := parts(sql.Schema), parts(picture)
	var list []store.Drift
	for _, what := range want {
		if !slices.Contains(is, what) {
			list = append(list, store.Drift{What: what, Missing: true})
		}
	}
	for _, what := range is {
		table, of := tableOf(what)
		if !slices.Contains(want, what) && of && slices.Contains(want, "table "+table) {
			list = append(list, store.Drift{What: what})
		}
	}
	return list, nil
}

// parts takes a picture apart: "table videos", "column videos.claim bigint NOT NULL",
// "constraint videos.videos_pkey", "index videos.videos_active".
func parts(picture string) (list []string) {
	table := ""
	for line := range strings.Lines(picture) {
		line = strings.TrimRight(line, ",;\n")
		words := strings.Fields(line)
		switch {
		case len(words) < 2:
		case strings.HasPrefix(line, "CREATE TABLE "):
			table = words[2]
			list = append(list, "table "+table)
		case words[0] == "CONSTRAINT":
			list = append(list, "constraint "+table+"."+words[1])
		case words[0] == "INVALID":
		case words[0] == "CREATE": // an index or a trigger, perhaps UNIQUE
			at := slices.IndexFunc(words, func(w string) bool { return w == "INDEX" || w == "TRIGGER" })
			list = append(list, strings.ToLower(words[at])+" "+table+"."+words[at+1])
		case strings.HasPrefix(line, "    "):
			line, _, _ = strings.Cut(strings.TrimSpace(line), " DEFAULT ")
			line, _, _ = strings.Cut(line, " GENERATED ")
			list = append(list, "column "+table+"."+line)
		}
	}
	return list
}

// tableOf is the table that a part other than a table belongs to.
func tableOf(part string) (table string, ok bool) {
	_, name, _ := strings.Cut(part, " ")
	table, _, ok = strings.Cut(name, ".")
	return table, ok
}
