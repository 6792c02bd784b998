"""What a training needs besides the loop: device, threads, report, resuming, checkpoint, checks."""
