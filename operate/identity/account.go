package identity

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"heyq/heygen"
	"heyq/store"
)

// AccountOf tells whose key a client has; without a client it is the simulator's. A
// key that may not see the account says so (401, 403, 404), and nothing can be
// compared.
func AccountOf(client *heygen.Client) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if client == nil {
			return store.SimulatorAccount, nil
		}
		user, err := client.Users.Me(ctx)
		if answer, answered := errors.AsType[*heygen.Error](err); answered &&
			(answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden || answer.Status == http.StatusNotFound) {
			return "", nil
		}
		return cmp.Or(user.Username, user.Email), err
	}
}
