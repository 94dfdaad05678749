# An Adam that `adamref check 'cmd:julia adam.jl'` judges. Put yours into step!.

struct Tensor{T}
    param::Vector{T}
    m::Vector{T}
    v::Vector{T}
    v_max::Vector{T}
end

# Yours: step t of one parameter, in Float32 or Float64.
function step!(a, t, tensor::Tensor{T}, grad::Vector{T}) where {T}
    param, m, v, v_max = tensor.param, tensor.m, tensor.v, tensor.v_max
    beta1, rest1 = T(a["beta1"]), T(1 - a["beta1"])
    beta2, rest2 = T(a["beta2"]), T(1 - a["beta2"])
    # The powers in Float64: in Float32 the correction would lose digits where beta is near 1.
    bias1, bias2 = T(1 - a["beta1"]^t), T(1 - a["beta2"]^t)
    for i in eachindex(param)
        m[i] = beta1 * m[i] + rest1 * grad[i]
        v[i] = beta2 * v[i] + rest2 * grad[i] * grad[i]
        v_max[i] = v_max[i] > v[i] ? v_max[i] : v[i]
        m_hat = m[i] / bias1
        v_hat = (a["amsgrad"] == 1 ? v_max[i] : v[i]) / bias2
        param[i] -= T(a["learning_rate"]) * m_hat / (sqrt(v_hat) + T(a["epsilon"]))
    end
end

# The rest speaks with the judge: lines of words, and numbers as the hexadecimal digits of their
# bits.
bits(::Type{Float32}) = UInt32
bits(::Type{Float64}) = UInt64
decode(T, words) = T[reinterpret(T, parse(bits(T), word; base = 16)) for word in words]
encode(x::T) where {T} = string(reinterpret(bits(T), x); base = 16, pad = 2 * sizeof(T))

function show_arrays(answer, name, arrays)
    print(answer, name)
    for array in arrays, x in array
        print(answer, " ", encode(x))
    end
    println(answer)
end

# Read a run to its end, and return the answer.
#
# `unknown` is the line that says what this Adam lacks, if one did so before.
function run_answer(T, seq, unknown)
    a = Dict("amsgrad" => 0.0)
    tensors = Tensor{T}[]
    t = 0
    done = 0
    wanted = false
    answer = IOBuffer()
    println(answer, "ran ", seq)
    while true
        line = readline(stdin)
        words = split(line)
        isempty(words) && exit()  # the judge has gone
        key = words[1]
        if key == "end"
            break
        elseif !isempty(unknown)
            continue
        elseif key in ("learning_rate", "rate")
            a["learning_rate"] = decode(Float64, words[2:2])[1]
        elseif key in ("beta1", "beta2", "epsilon")
            a[key] = decode(Float64, words[2:2])[1]
        elseif key == "amsgrad"
            a["amsgrad"] = 1.0
        elseif key == "param"
            rank = parse(Int, words[2])
            param = decode(T, words[(3 + rank):end])
            push!(tensors, Tensor{T}(param, zero(param), zero(param), zero(param)))
        elseif key == "load_t"
            t = parse(Int, words[2])
        elseif key in ("load_m", "load_v", "load_v_max")
            loaded = decode(T, words[2:end])
            start = 0
            for tensor in tensors
                moment = getfield(tensor, Symbol(key[6:end]))
                moment .= loaded[(start + 1):(start + length(moment))]
                start += length(moment)
            end
        elseif key == "step"
            t += 1
            done = 0
            wanted = words[2] == "1"
        elseif key == "grad"
            done += 1
            if words[2] == "dense"
                step!(a, t, tensors[done], decode(T, words[3:end]))
            elseif words[2] != "none"
                unknown = line
            end
            if wanted && done == length(tensors)
                show_arrays(answer, "params", [tensor.param for tensor in tensors])
                show_arrays(answer, "m", [tensor.m for tensor in tensors])
                show_arrays(answer, "v", [tensor.v for tensor in tensors])
                if a["amsgrad"] == 1
                    show_arrays(answer, "v_max", [tensor.v_max for tensor in tensors])
                end
            end
        else
            unknown = line
        end
    end
    isempty(unknown) || return "skipped $seq it does not know: $unknown"
    println(answer, "end")
    return chomp(String(take!(answer)))
end

function main()
    readline(stdin)  # it says start
    # The judge asks for nothing else: delete here what you lack.
    println("started 1 my-adam 0.1")
    println("dtypes float32 float64\nsupports none schedule load amsgrad\nend")
    flush(stdout)
    while true
        words = split(readline(stdin))
        # It says stop, or stdin has ended.
        (isempty(words) || words[1] != "run") && return
        dtype = readline(stdin)
        T = dtype == "dtype float32" ? Float32 : Float64
        unknown = dtype in ("dtype float32", "dtype float64") ? "" : dtype
        println(run_answer(T, words[2], unknown))
        flush(stdout)
    end
end

main()
