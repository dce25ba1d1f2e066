package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// ledger is what the simulator's customer would have paid for so far.
type ledger struct {
	Renders []struct {
		Key string `json:"idempotency_key"`
	} `json:"renders"`
	Calls map[string]int `json:"calls"`
}

func readLedger(ctx context.Context, simulator string) (l ledger, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, simulator+"/_sim/ledger", nil)
	if err != nil {
		return l, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return l, fmt.Errorf("read the ledger: %w", err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&l); err != nil {
		return l, fmt.Errorf("read the ledger: %w", err)
	}
	return l, nil
}

// billed counts the renders of the given videos: heyq's keys begin with the
// video's id.
func (l ledger) billed(videos []madeVideo) int {
	ours := map[string]bool{}
	for _, v := range videos {
		ours[v.ID] = true
	}
	n := 0
	for _, r := range l.Renders {
		if id, _, _ := strings.Cut(r.Key, "."); ours[id] {
			n++
		}
	}
	return n
}
