package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"heyq/heygen/simulator"
)

// readLedger asks a simulator what its customer would have paid for so far.
func readLedger(ctx context.Context, sim string) (l simulator.Ledger, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, sim+"/_sim/ledger", nil)
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
