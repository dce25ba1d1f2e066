package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/cmd/heyq/internal/sheet"
)

// batch is rows that are sent together.
type batch []sheet.Row

// batchBytes keeps a batch below what the API takes in one body, 10 MB, with the
// keys and addresses that are added to it.
const batchBytes = 6 << 20

// batchRows fits into the limit that users have as a rule.
const batchRows = 500

// split cuts rows into batches, the same ones for the same file.
func split(rows []sheet.Row) []batch {
	var batches []batch
	size := 0
	for _, row := range rows {
		last := len(batches) - 1
		if last < 0 || len(batches[last]) == batchRows || size+len(row.Body) > batchBytes {
			batches, size = append(batches, nil), 0
			last++
		}
		batches[last] = append(batches[last], row)
		size += len(row.Body) + 1
	}
	return batches
}

// bodies are the rows as they are sent: each under its key, and with whom to tell
// if it names none.
func (b batch) bodies(notifyURL string) ([]json.RawMessage, error) {
	bodies := make([]json.RawMessage, len(b))
	for i, row := range b {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(row.Body, &fields); err != nil {
			return nil, fmt.Errorf("read line %d: %w", row.Line, err)
		}
		set := func(name, value string) { fields[name], _ = json.Marshal(value) }
		set("idempotency_key", row.Key)
		if fields["notify_url"] == nil && notifyURL != "" {
			set("notify_url", notifyURL)
		}
		var err error
		if bodies[i], err = json.Marshal(fields); err != nil {
			return nil, fmt.Errorf("encode line %d: %w", row.Line, err)
		}
	}
	return bodies, nil
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

// checkBatch says what is wrong with the rows of a batch, by line and column.
func (i *importing) checkBatch(ctx context.Context, b batch) ([]sheet.Cell, error) {
	bodies, err := b.bodies(i.notifyURL)
	if err != nil {
		return nil, err
	}
	items, err := i.client.Videos.CreateBatch(ctx, client.Batch{Videos: bodies, DryRun: true, Partial: true})
	if err != nil {
		return nil, err
	}
	var bad []sheet.Cell
	for _, item := range items {
		switch {
		case item.Error == nil:
		case len(item.Error.Fields) == 0:
			bad = append(bad, sheet.Cell{Line: b[item.Index].Line, Message: item.Error.Message})
		default:
			for _, f := range item.Error.Fields {
				bad = append(bad, sheet.Cell{Line: b[item.Index].Line, Field: f.Name, Value: f.Value, Message: f.Message})
			}
		}
	}
	return bad, nil
}
