package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"heyq/cmd/heyq/internal/remote"
	"heyq/cmd/heyq/internal/screen"
	"heyq/cmd/heyq/internal/sheet"
	"heyq/internal/fault"
)

// batch is rows that are sent together.
type batch []sheet.Row

// batchBytes keeps a batch below what the API takes in one body, 10 MB.
const batchBytes = 8 << 20

// split cuts rows into batches, the same ones for the same file.
func split(rows []sheet.Row) []batch {
	var batches []batch
	size := 0
	for _, row := range rows {
		last := len(batches) - 1
		if last < 0 || len(batches[last]) == remote.MaxBatch || size+len(row.Body) > batchBytes {
			batches, size = append(batches, nil), 0
			last++
		}
		batches[last] = append(batches[last], row)
		size += len(row.Body) + 1
	}
	return batches
}

func (b batch) bodies() []json.RawMessage {
	bodies := make([]json.RawMessage, len(b))
	for i, row := range b {
		bodies[i] = row.Body
	}
	return bodies
}

// check has the API look at every row, and creates nothing. It returns how
// many rows are good and what is wrong with the others, by line.
func (i *importing) check(ctx context.Context, batches []batch) (good int, bad []sheet.Cell, err error) {
	bad = slices.Clone(i.sheet.Bad)
	bar := i.bars.Bar("checked", int64(len(i.sheet.Rows)), screen.Count)
	defer bar.Close()
	for _, b := range batches {
		wrong, err := i.checkBatch(ctx, b)
		if err != nil {
			return 0, nil, err
		}
		bad = append(bad, wrong...)
		good += len(b) - distinctLines(wrong)
		bar.Add(int64(len(b)))
	}
	slices.SortStableFunc(bad, func(a, b sheet.Cell) int { return cmp.Compare(a.Line, b.Line) })
	return good, bad, nil
}

// checkBatch translates the fields of a refused batch, such as
// videos[3].script, into lines and columns.
func (i *importing) checkBatch(ctx context.Context, b batch) ([]sheet.Cell, error) {
	_, err := i.client.CreateBatch(ctx, remote.Batch{Bodies: b.bodies(), DryRun: true})
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Invalid {
		return nil, err
	}
	var bad []sheet.Cell
	for _, field := range f.Fields {
		index, name, ok := itemField(field.Name)
		if !ok || index >= len(b) {
			return nil, err
		}
		bad = append(bad, sheet.Cell{Line: b[index].Line, Field: name, Value: field.Value, Message: field.Message})
	}
	if len(bad) == 0 {
		return nil, err
	}
	return bad, nil
}

// itemField takes videos[3].script apart.
func itemField(name string) (index int, field string, ok bool) {
	name, ok = strings.CutPrefix(name, "videos[")
	if !ok {
		return 0, "", false
	}
	number, rest, ok := strings.Cut(name, "]")
	if !ok {
		return 0, "", false
	}
	index, err := strconv.Atoi(number)
	return index, strings.TrimPrefix(rest, "."), err == nil && index >= 0
}
