-- compact profiles and postings for merging; versioned weights
select 1;
