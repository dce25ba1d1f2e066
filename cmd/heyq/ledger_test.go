package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"heyq/heygen/heygentest"
)

// readLedger asks a simulator what its customer would have paid for so far.
func readLedger(ctx context.Context, simulator string) (l heygentest.Ledger, err error) {
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
