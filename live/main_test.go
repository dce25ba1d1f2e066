package live_test

import (
	"testing"

	"heyq/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
