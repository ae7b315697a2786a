"""What the desk prints: receipts, vouchers, reports and certificates, estimates, refusals, as PDF."""
