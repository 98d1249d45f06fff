package fleet

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain lets the test's binary be a program of the fleet.
func TestMain(m *testing.M) {
	switch os.Getenv("BE") {
	case "obedient":
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		fmt.Fprintln(os.Stdout, "one\ntwo\nthree", os.Getenv("FACET_MEANT"), os.Getenv("FACET_LEAKED"))
		<-asked
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Fprintln(os.Stdout, "ready")
		time.Sleep(time.Minute)
	default:
		goleak.VerifyTestMain(m)
	}
}
