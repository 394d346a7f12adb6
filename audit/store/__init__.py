"""What is kept from one night to the next: one database, and a repository for each kind of row.

    from audit.store.database import Store
    with Store.open("sqlite:///mtaudit.sqlite") as store, store.unit():
        Articles(store).put(article)
        Stories(store).put(stories, events)

`unit` is a unit of work: all of it is stored or nothing. A repository that is used outside one
makes its own. Every write is keyed by what it is about, so that a run which was killed and starts
again ends in the same rows as one that was not.
"""
